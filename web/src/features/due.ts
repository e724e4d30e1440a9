/** The due day and time of rows, in the person's zone. */
import type { Day } from "../domain/days.ts";
import { findDueDay, getDue, getDueTime } from "../domain/due.ts";
import type { TaskRow } from "../domain/rows.ts";

/** The day on which a row is due for a person in a zone; null if it has no due date. */
export function getRowDay(row: TaskRow, zone: string): Day | null {
  return findDueDay(row, zone);
}

/** The time of day of a row, as `09:00`; null for a whole day or none. */
export function getRowTime(row: TaskRow, zone: string): string | null {
  const due = getDue(row);
  return due === null ? null : getDueTime(due, zone);
}
