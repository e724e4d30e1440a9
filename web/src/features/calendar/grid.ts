/** The days of a calendar and the way of the keys through them. All functions are pure. */

import type { Weekday } from "../../domain/days.ts";
import {
  addDays,
  addMonths,
  addWeeks,
  type Day,
  listMonthWeeks,
  listWeek,
} from "../../domain/days.ts";

export type CalendarView = "month" | "week";
export type Direction = "down" | "left" | "right" | "up";

/** The weeks that are shown: of the month of a day, with the days around it, or the one of the day. */
export function listWeeks(view: CalendarView, day: Day, first: Weekday): readonly Day[][] {
  return view === "month" ? listMonthWeeks(day, first) : [listWeek(day, first)];
}

/** A day of the next or previous month or week. */
export function stepPeriod(view: CalendarView, day: Day, step: -1 | 1): Day {
  return view === "month" ? addMonths(day, step) : addWeeks(day, step);
}

/** How many days a task is carried by a step. */
export const DAYS_OF_STEP: Readonly<Record<Direction, number>> = {
  left: -1,
  right: 1,
  up: -7,
  down: 7,
};

/** What fits into the cell of a day. */
export interface Fitted<Row> {
  readonly shown: readonly Row[];
  /** The number of tasks that do not fit. */
  readonly more: number;
}

/**
 * Choose the tasks of a day that fit into its cell. One line is left for "more" if some do not.
 *
 * @param room the number of lines.
 * @param keep the id of a task that is shown in any case, because it has the focus.
 */
export function fitDay<Row extends { readonly id: string }>(
  rows: readonly Row[],
  room: number,
  keep: string | null,
): Fitted<Row> {
  if (rows.length <= room) return { shown: rows, more: 0 };
  const shown = rows.slice(0, room - 1);
  const kept = rows.slice(room - 1).find(({ id }) => id === keep);
  if (kept) shown.splice(-1, 1, kept);
  return { shown, more: rows.length - shown.length };
}

/** The key of the line of a day. The keys of tasks are their ids. */
export function dayKey(day: Day): string {
  return `day ${day}`;
}

/** The key of the button that opens a day. */
export function moreKey(day: Day): string {
  return `more ${day}`;
}

export interface Target {
  readonly day: Day;
  readonly key: string;
}

/**
 * Where a key leads: up and down through a day and on to the next or previous week, left and right
 * to the neighbouring days.
 *
 * @param lines the keys of a day: the day itself, its tasks, and the button that opens it.
 */
export function findTarget(
  direction: Direction,
  from: Target,
  lines: (day: Day) => readonly string[],
): Target {
  const at = Math.max(lines(from.day).indexOf(from.key), 0);
  const day = addDays(from.day, DAYS_OF_STEP[direction]);
  if (direction === "up" || direction === "down") {
    const key = lines(from.day)[at + (direction === "up" ? -1 : 1)];
    return key === undefined ? { day, key: dayKey(day) } : { day: from.day, key };
  }
  const others = lines(day);
  return { day, key: others[Math.min(at, others.length - 1)] ?? dayKey(day) };
}
