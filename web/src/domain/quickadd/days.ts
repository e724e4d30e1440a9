/** Calendar arithmetic of quick add. The port of `days.py`. Weekdays count from 0, Monday. */
import { addDays, type Day, getDayParts, getMonthLength, getWeekday, makeDay } from "../days.ts";

export const MONDAY = 0;
export const SATURDAY = 5;
const SUNDAY = 6;
/** The longest month of each number, which is February in a leap year. */
const MOST_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** Two leap days are at most eight years apart, for example 1896 and 1904. */
const LEAP_YEARS_APART = 8;

/**
 * Return a day of a month, or the last day of the month if it is shorter.
 *
 * @throws RangeError if it is after the year 9999.
 */
export function clampDay(year: number, month: number, day: number): Day {
  const found = makeDay(year, month, Math.min(day, getMonthLength(year, month)));
  if (found === null) throw new RangeError("The day is after the year 9999.");
  return found;
}

/** Return the first such weekday on or after a day. @throws RangeError as {@link clampDay}. */
export function findWeekdayFrom(start: Day, weekday: number): Day {
  return addDays(start, (weekday - getWeekday(start) + 7) % 7);
}

/** Return the first such weekday after a day. @throws RangeError as {@link clampDay}. */
export function findWeekdayAfter(today: Day, weekday: number): Day {
  return findWeekdayFrom(addDays(today, 1), weekday);
}

/**
 * Return a weekday of the week after the week of a day. Weeks begin on Monday.
 *
 * @throws RangeError as {@link clampDay}.
 */
export function findWeekdayOfNextWeek(today: Day, weekday: number): Day {
  return addDays(findWeekdayAfter(today, MONDAY), weekday);
}

/** Return the Saturday of this week; on a Sunday the same day, because Saturday has passed. */
export function findWeekend(today: Day): Day {
  return getWeekday(today) === SUNDAY ? today : findWeekdayFrom(today, SATURDAY);
}

/** Return the first such day from today on; null if no year has such a day. */
export function findDayOfYear(today: Day, month: number, day: number): Day | null {
  const most = MOST_DAYS[month - 1];
  if (most === undefined || day < 1 || day > most) return null;
  const { year } = getDayParts(today);
  for (let offset = 0; offset <= LEAP_YEARS_APART; offset++) {
    const found = makeDay(year + offset, month, day);
    if (found !== null && found >= today) return found;
  }
  return null;
}

/**
 * Return the n-th day of a month with one of the weekdays; null if there are fewer.
 *
 * @param number - 1 for the first such day, -1 for the last.
 * @throws RangeError as {@link clampDay}.
 */
export function findNthWeekday(
  year: number,
  month: number,
  weekdays: readonly number[],
  number: number,
): Day | null {
  const first = clampDay(year, month, 1);
  const days = Array.from({ length: getMonthLength(year, month) }, (_, offset) =>
    addDays(first, offset),
  ).filter((day) => weekdays.includes(getWeekday(day)));
  return days.at(number > 0 ? number - 1 : number) ?? null;
}
