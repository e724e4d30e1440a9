/** The days of a month that BYMONTH, BYMONTHDAY and BYDAY select. Days are numbers, as in `days.ts`. */
import { type DayParts, fromDayNumber, getDayParts, getMonthLength, toDayNumber } from "../days.ts";
import { makeWeekdayKey, type Rule } from "./rules.ts";

/** The days from which positions of BYDAY count, and negative ones. */
export interface Bounds {
  readonly first: number;
  readonly last: number;
}

/** Return year, month and day of the month of a day. */
export function getParts(day: number): DayParts {
  return getDayParts(fromDayNumber(day));
}

/** Return the first day of a month. */
export function startOfMonth(year: number, month: number): number {
  return toDayNumber(`${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-01`);
}

/**
 * Return a function that lists the days of a month, from 1, if BYMONTH contains it.
 *
 * There are 28 kinds of months: by their length and the day of the week on which they begin. Each is
 * computed once.
 */
export function makeMonthDays(rule: Rule): (year: number, month: number) => readonly number[] {
  const kinds = new Map<number, readonly number[]>();
  return (year, month) => {
    if (rule.months.size > 0 && !rule.months.has(month)) return [];
    const [begin, length] = [startOfMonth(year, month), getMonthLength(year, month)];
    const kind = getDayOfWeek(begin) * 32 + length;
    let days = kinds.get(kind);
    if (days === undefined) {
      const bounds = { first: begin, last: begin + length - 1 };
      days = findDays(rule, begin, length, bounds).map((day) => day - begin + 1);
      kinds.set(kind, days);
    }
    return days;
  };
}

/** Return the days of a month that BYMONTHDAY and BYDAY select. */
export function findDays(rule: Rule, begin: number, length: number, bounds: Bounds): number[] {
  return Array.from({ length }, (_, index) => begin + index).filter(
    (day) => hasMonthDay(rule, day - begin + 1, length) && hasWeekday(rule, day, bounds),
  );
}

function hasMonthDay({ monthDays }: Rule, day: number, length: number): boolean {
  return monthDays.size === 0 || monthDays.has(day) || monthDays.has(day - length - 1);
}

function hasWeekday({ weekdays }: Rule, day: number, { first, last }: Bounds): boolean {
  if (weekdays.size === 0) return true;
  const weekday = getDayOfWeek(day);
  return (
    weekdays.has(makeWeekdayKey(0, weekday)) ||
    weekdays.has(makeWeekdayKey(Math.floor((day - first) / 7) + 1, weekday)) ||
    weekdays.has(makeWeekdayKey(-Math.floor((last - day) / 7) - 1, weekday))
  );
}

/** Return the day of the week of a day: 0 is Monday. */
export function getDayOfWeek(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}
