/** What the page Today shows. All functions are pure. */
import type { Day } from "../../domain/days.ts";
import { compareByPosition } from "../../domain/order.ts";
import type { TaskRow } from "../../domain/rows.ts";
import { getRowDay, getRowTime } from "../due.ts";
import { compareText } from "./entries.ts";

export interface TodayRows {
  /** Due before today, the oldest first. */
  readonly overdue: readonly TaskRow[];
  /** Due today: by time, then in manual order. */
  readonly today: readonly TaskRow[];
}

/** A task with the day on which it is due. */
export interface DueRow {
  readonly row: TaskRow;
  readonly day: Day;
}

/**
 * The tasks that have a due date, by day, then by time, then in manual order.
 *
 * @param zone the person's time zone.
 * @param last later days are left out.
 */
export function listDue(rows: Iterable<TaskRow>, zone: string, last?: Day): DueRow[] {
  const due: { row: TaskRow; day: Day; time: string }[] = [];
  for (const row of rows) {
    const day = getRowDay(row, zone);
    if (day === null || (last !== undefined && day > last)) continue;
    // A task without a time comes after those with one.
    due.push({ row, day, time: getRowTime(row, zone) ?? "~" });
  }
  return due.sort(
    (a, b) =>
      compareText(a.day, b.day) || compareText(a.time, b.time) || compareByPosition(a.row, b.row),
  );
}

/**
 * Split the tasks that are due into the two groups of the page.
 *
 * @param rows open tasks, and completed ones that the list keeps as they were.
 * @param zone the person's time zone.
 */
export function splitToday(rows: Iterable<TaskRow>, today: Day, zone: string): TodayRows {
  const due = listDue(rows, zone, today);
  return {
    overdue: due.filter(({ day }) => day < today).map(({ row }) => row),
    today: due.filter(({ day }) => day === today).map(({ row }) => row),
  };
}

/** The task that is due next after a day: what an empty Today offers. */
export function findNext(rows: Iterable<TaskRow>, today: Day, zone: string): TaskRow | null {
  let best: { row: TaskRow; due: string } | null = null;
  for (const row of rows) {
    const day = getRowDay(row, zone);
    if (day === null || day <= today) continue;
    const due = `${day}T${getRowTime(row, zone) ?? "~"}`;
    if (best === null || due < best.due) best = { row, due };
  }
  return best?.row ?? null;
}
