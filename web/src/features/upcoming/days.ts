/** What Upcoming shows by day. All functions are pure. */
import { addDays, countDays, type Day } from "../../domain/days.ts";
import type { TaskRow } from "../../domain/rows.ts";
import { type DueRow, listDue } from "../tasklist/today.ts";

export interface UpcomingRows {
  /** Due before today, the oldest first. */
  readonly overdue: readonly TaskRow[];
  /** From today on: by time, then in manual order. A day without tasks has no entry. */
  readonly days: ReadonlyMap<Day, readonly TaskRow[]>;
}

const NOTHING: readonly TaskRow[] = [];
/** The calendar of the domain ends here. */
const LAST_DAY = "9999-12-31";

/**
 * Split tasks into those that are overdue and those of each later day.
 *
 * @param rows open tasks, and completed ones that the list keeps as they were.
 * @param zone the person's time zone.
 */
export function splitUpcoming(rows: Iterable<TaskRow>, today: Day, zone: string): UpcomingRows {
  const due = listDue(rows, zone);
  return {
    overdue: due.filter(({ day }) => day < today).map(({ row }) => row),
    days: groupByDay(due.filter(({ day }) => day >= today)),
  };
}

/** The tasks of each day, in their order. */
export function groupByDay(due: readonly DueRow[]): ReadonlyMap<Day, readonly TaskRow[]> {
  const days = new Map<Day, TaskRow[]>();
  for (const { row, day } of due) {
    const rows = days.get(day);
    if (rows) rows.push(row);
    else days.set(day, [row]);
  }
  return days;
}

/** The tasks of a day. */
export function getDayRows({ days }: Pick<UpcomingRows, "days">, day: Day): readonly TaskRow[] {
  return days.get(day) ?? NOTHING;
}

/** The days from the first one on, as many as asked for or as the calendar has. */
export function listDays(first: Day, count: number): Day[] {
  const left = countDays(first, LAST_DAY) + 1;
  return Array.from({ length: Math.min(count, left) }, (_, step) => addDays(first, step));
}
