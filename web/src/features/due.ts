/** Due dates of rows. Each row is read once: rows are immutable. */
import type { Day } from "../domain/days.ts";
import { type Due, findDue, getDueDay, getDueTime } from "../domain/due.ts";
import type { TaskRow } from "../domain/rows.ts";

const read = new WeakMap<TaskRow, Due | null>();

/** The due date of a row; null if it has none. */
export function getRowDue(row: TaskRow): Due | null {
  let due = read.get(row);
  if (due === undefined) {
    due = row.due_date === null ? null : findDue(row.due_date, row.due_time_zone);
    read.set(row, due);
  }
  return due;
}

/** The day on which a row is due for a person in a zone. */
export function getRowDay(row: TaskRow, zone: string): Day | null {
  const due = getRowDue(row);
  return due === null ? null : getDueDay(due, zone);
}

/** The time of day of a row, as `09:00`; null for a whole day or none. */
export function getRowTime(row: TaskRow, zone: string): string | null {
  const due = getRowDue(row);
  return due === null ? null : getDueTime(due, zone);
}
