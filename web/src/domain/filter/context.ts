/** What the evaluation of a filter depends on, besides its text and the task. */
import type { Weekday } from "../days.ts";
import type { Now } from "../due.ts";
import type { CategoryRow, TagRow } from "../rows.ts";

/** A member, as filters name one. */
export interface FilterMember {
  readonly id: string;
  readonly name: string;
  /** Absent if the app does not know it: then the member is not found by it. */
  readonly email?: string;
}

/** The workspace and the person. A compiled filter is valid until one of these values changes. */
export interface FilterContext {
  /** The current time in the time zone of the person. */
  readonly now: Now;
  /** The first day of `week`: 0 is Monday. The server knows Monday only. */
  readonly firstWeekday: Weekday;
  /** The id of the person: `me`. */
  readonly me: string;
  readonly categories: readonly Pick<CategoryRow, "id" | "name">[];
  readonly tags: readonly Pick<TagRow, "id" | "name" | "deleted_at">[];
  readonly members: readonly FilterMember[];
  /** The id of the task with a number, live or trashed. */
  findByNumber(number: number): string | undefined;
  /** Whether there is a task with this id, live or trashed. */
  hasTask(id: string): boolean;
  /** Whether a task has a sub-task that is not in the trash. */
  hasSubtasks(id: string): boolean;
  /** The times (RFC 3339) at which occurrences of a repeating task were completed, not skipped. */
  listCompletions(id: string): readonly string[];
}
