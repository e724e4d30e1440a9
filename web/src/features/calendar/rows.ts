/** The tasks of a calendar. All functions read signals. */
import type { Day } from "../../domain/days.ts";
import { compareByPosition } from "../../domain/order.ts";
import type { TaskRow } from "../../domain/rows.ts";
import type { Replica } from "../../replica/replica.ts";
import { getRowDay } from "../due.ts";
import { getRows } from "../rows.ts";
import { isShownDone } from "../tasklist/edits.ts";
import { isClosed, kept } from "../tasklist/kept.ts";
import { isDone } from "../tasklist/shown.ts";
import { listDue } from "../tasklist/today.ts";

/**
 * The tasks that are due on a day: open ones by time, then those that are done. A repeating task
 * that was completed stays on its day until the calendar is left.
 */
export function listDayRows(replica: Replica, day: Day): readonly TaskRow[] {
  const zone = replica.person.time_zone;
  const rows = getRows(replica, replica.bucket("day", day).value).filter((row) => !hasMoved(row));
  for (const { row } of kept.value.values()) {
    const now = replica.task(row.id);
    if (now && hasMoved(now) && getRowDay(row, zone) === day) rows.push(row);
  }
  const sorted = listDue(rows, zone).map(({ row }) => row);
  const isOver = (row: TaskRow) => isDone(replica, row.id);
  return [...sorted.filter((row) => !isOver(row)), ...sorted.filter(isOver)];
}

/** Whether a completed repeating task has its next due date. */
function hasMoved(row: TaskRow): boolean {
  return isShownDone(row) && !isClosed(row);
}

/** The open tasks without a date, in manual order. A sub-task goes with its parent. */
export function listUndated(replica: Replica): readonly TaskRow[] {
  return getRows(replica, replica.bucket("day", "none").value)
    .filter((row) => row.parent === null && (!isClosed(row) || kept.value.has(row.id)))
    .sort(compareByPosition);
}
