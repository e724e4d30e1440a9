import type { Person } from "../../domain/rows.ts";
import { parseTask } from "./parse.ts";

/**
 * Read a typed due date, such as `fri 9am`.
 *
 * @returns the due date as tasks have it; null if the text is no date.
 */
export function readDate(text: string, now: number, person: Person): string | null {
  // A date is recognised beside a title only.
  const parsed = parseTask(`- ${text}`, now, person);
  return parsed.title === "-" ? parsed.due_date : null;
}
