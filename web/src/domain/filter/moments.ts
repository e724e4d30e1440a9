/**
 * Moments in filters: parsing, and resolution for a current time. The port of `moments.py`.
 *
 * On the server, weeks begin on Monday.
 */
import {
  addDays,
  addMonths,
  type Day,
  getDayParts,
  getMonthLength,
  getWeekday,
  getWeekStart,
  type Weekday,
} from "../days.ts";
import { findDue, type Now } from "../due.ts";
import { toLocal } from "../zones.ts";
import type { Moment, MomentKind, Point } from "./nodes.ts";

const RELATIVE = /^([+-])([0-9]{1,5})([hdwmy])$/;
const UNITS = new Map<string, readonly [MomentKind, number]>([
  ["h", ["hours", 1]],
  ["d", ["days", 1]],
  ["w", ["days", 7]],
  ["m", ["months", 1]],
  ["y", ["months", 12]],
]);
const WORDS = new Map<string, readonly [MomentKind, number]>([
  ["yesterday", ["days", -1]],
  ["today", ["days", 0]],
  ["tomorrow", ["days", 1]],
  ["monday", ["weekday", 0]],
  ["tuesday", ["weekday", 1]],
  ["wednesday", ["weekday", 2]],
  ["thursday", ["weekday", 3]],
  ["friday", ["weekday", 4]],
  ["saturday", ["weekday", 5]],
  ["sunday", ["weekday", 6]],
  ["last-week", ["week", -1]],
  ["week", ["week", 0]],
  ["next-week", ["week", 1]],
  ["last-month", ["month", -1]],
  ["month", ["month", 0]],
  ["next-month", ["month", 1]],
]);
const HOUR_MS = 3_600_000;
const FIRST_DAY = "0001-01-01";
const LAST_DAY = "9999-12-31";

/** The words that stand for moments, and an example of each other form. */
export const EXPECTED_MOMENTS: readonly string[] = [
  ...WORDS.keys(),
  ...["+7d", "-2w", "+1m", "+1y", "+2h", "2026-12-01", "2026-12-01T09:00"],
];

/** Return whether it is a week or a month. These cannot be compared with `<` and `>`. */
export function isPeriod(moment: Moment): boolean {
  return moment.kind === "week" || moment.kind === "month";
}

/** Parse a moment; null if the text is none, or the day or time does not exist. */
export function parseMoment(text: string): Moment | null {
  const lower = text.toLowerCase();
  const word = WORDS.get(lower);
  if (word !== undefined) return { kind: word[0], amount: word[1], text: "" };
  const [, sign, digits, letter = ""] = RELATIVE.exec(lower) ?? [];
  const unit = UNITS.get(letter);
  if (unit !== undefined) {
    const amount = Number(digits) * unit[1];
    return { kind: unit[0], amount: sign === "-" && amount > 0 ? -amount : amount, text: "" };
  }
  return findDue(text, null) === null ? null : { kind: "fixed", amount: 0, text };
}

/**
 * Return the first and the last day of a period. For other moments, both are the same.
 *
 * @param now - the current time in the time zone of days and of times without an offset.
 */
export function resolveMoment(
  moment: Moment,
  now: Now,
  firstWeekday: Weekday,
): readonly [Point, Point] {
  const { kind, amount } = moment;
  if (kind === "fixed") return repeat({ local: moment.text, exact: moment.text });
  if (kind === "hours") return repeat(resolveHours(amount, now));
  const { today } = now;
  switch (kind) {
    case "week": {
      const first = moveDays(getWeekStart(today, firstWeekday), 7 * amount);
      return [makePoint(first), makePoint(moveDays(first, 6))];
    }
    case "month": {
      const first = moveMonths(`${today.slice(0, 8)}01`, amount);
      const { year, month } = getDayParts(first);
      return [makePoint(first), makePoint(first.slice(0, 8) + getMonthLength(year, month))];
    }
    case "weekday": {
      // The next such day after today: one to seven days from today.
      const distance = ((amount - getWeekday(today) + 6) % 7) + 1;
      return repeat(makePoint(moveDays(today, distance)));
    }
    case "months":
      return repeat(makePoint(moveMonths(today, amount)));
    case "days":
      return repeat(makePoint(moveDays(today, amount)));
  }
}

function repeat(point: Point): readonly [Point, Point] {
  return [point, point];
}

function makePoint(day: Day): Point {
  return { local: day, exact: day };
}

function resolveHours(hours: number, now: Now): Point {
  const instant = Math.floor((now.instant + hours * HOUR_MS) / 1000) * 1000;
  const local = write(toLocal(instant, now.zone));
  return { local, exact: `${write(instant)}Z` };
}

function write(time: number): string {
  return new Date(time).toISOString().slice(0, 19);
}

// A day before the year 1 or after 9999 becomes the first or the last day that can be represented.

function moveDays(day: Day, days: number): Day {
  try {
    return addDays(day, days);
  } catch {
    return days < 0 ? FIRST_DAY : LAST_DAY;
  }
}

function moveMonths(day: Day, months: number): Day {
  try {
    return addMonths(day, months);
  } catch {
    return months < 0 ? FIRST_DAY : LAST_DAY;
  }
}
