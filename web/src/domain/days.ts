/**
 * Days of the calendar, as ISO text. Nothing here depends on a time zone: see `zones.ts`.
 *
 * Calculations use the number of the day (1970-01-01 is 0), because it needs no Date object.
 */

/** A day of the proleptic Gregorian calendar from 0001-01-01 to 9999-12-31: `2026-12-01`. */
export type Day = string;

/** 0 is Monday and 6 is Sunday, as on the server. */
export type Weekday = number;

/** Year, month (1 to 12) and day of the month (1 to 31). */
export interface DayParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Milliseconds of a day of 24 hours. */
export const DAY_MS = 86_400_000;

const FIRST_NUMBER = -719_162;
const LAST_NUMBER = 2_932_896;
const DAY_PATTERN = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const MONTH_LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** Days of 400 years, and from 0000-03-01 to 1970-01-01. */
const ERA_DAYS = 146_097;
const EPOCH_SHIFT = 719_468;
/** 1970-01-01 was a Thursday. */
const EPOCH_WEEKDAY = 3;

/** Return whether the text is a day that exists. */
export function isDay(text: string): boolean {
  if (!DAY_PATTERN.test(text)) return false;
  const { year, month, day } = getDayParts(text);
  return year >= 1 && isInYear(year, month, day);
}

/** Return year, month and day of the month of a day. */
export function getDayParts(day: Day): DayParts {
  const digit = (index: number) => day.charCodeAt(index) - 48;
  return {
    year: digit(0) * 1000 + digit(1) * 100 + digit(2) * 10 + digit(3),
    month: digit(5) * 10 + digit(6),
    day: digit(8) * 10 + digit(9),
  };
}

/** Return a day; null if it does not exist, for example 30 February. */
export function makeDay(year: number, month: number, day: number): Day | null {
  if (year < 1 || year > 9999 || !isInYear(year, month, day)) return null;
  return writeDay(year, month, day);
}

/** Return the number of days of a month. The month counts from 1. */
export function getMonthLength(year: number, month: number): number {
  if (month === 2 && isLeapYear(year)) return 29;
  return MONTH_LENGTHS[month - 1] ?? 0;
}

/** Return the number of days from 1970-01-01 to a day. */
export function toDayNumber(day: Day): number {
  const parts = getDayParts(day);
  // The year of the calculation begins in March, so that the leap day is its last day.
  const year = parts.month > 2 ? parts.year : parts.year - 1;
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const month = (parts.month + 9) % 12;
  const dayOfYear = Math.floor((153 * month + 2) / 5) + parts.day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * ERA_DAYS + dayOfEra - EPOCH_SHIFT;
}

/**
 * Return the day with a number; see {@link toDayNumber}.
 *
 * @throws RangeError if it is before the year 1 or after the year 9999.
 */
export function fromDayNumber(number: number): Day {
  if (!(number >= FIRST_NUMBER && number <= LAST_NUMBER)) {
    throw new RangeError("The day is before the year 1 or after the year 9999.");
  }
  const shifted = number + EPOCH_SHIFT;
  const era = Math.floor(shifted / ERA_DAYS);
  const dayOfEra = shifted - era * ERA_DAYS;
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * month + 2) / 5) + 1;
  const calendarMonth = month < 10 ? month + 3 : month - 9;
  return writeDay(era * 400 + yearOfEra + (calendarMonth <= 2 ? 1 : 0), calendarMonth, day);
}

/** Return the day some days later; negative for earlier. @throws RangeError as {@link fromDayNumber}. */
export function addDays(day: Day, days: number): Day {
  return fromDayNumber(toDayNumber(day) + days);
}

/** Return the day some weeks later. @throws RangeError as {@link fromDayNumber}. */
export function addWeeks(day: Day, weeks: number): Day {
  return addDays(day, weeks * 7);
}

/**
 * Return the same day of a later month, or the last day of that month if it is shorter.
 *
 * @throws RangeError if it is before the year 1 or after the year 9999.
 */
export function addMonths(day: Day, months: number): Day {
  const parts = getDayParts(day);
  const total = parts.year * 12 + parts.month - 1 + months;
  const year = Math.floor(total / 12);
  const month = total - year * 12 + 1;
  const moved = makeDay(year, month, Math.min(parts.day, getMonthLength(year, month)));
  if (moved === null) throw new RangeError("The day is before the year 1 or after the year 9999.");
  return moved;
}

/** Return the number of days from one day to another; negative if the other is earlier. */
export function countDays(from: Day, to: Day): number {
  return toDayNumber(to) - toDayNumber(from);
}

/** Return the weekday of a day. */
export function getWeekday(day: Day): Weekday {
  return modulo(toDayNumber(day) + EPOCH_WEEKDAY, 7);
}

/** Return the first day of the week that contains a day. */
export function getWeekStart(day: Day, firstWeekday: Weekday): Day {
  return addDays(day, -modulo(getWeekday(day) - firstWeekday, 7));
}

/** Return the seven days of the week that contains a day. */
export function listWeek(day: Day, firstWeekday: Weekday): Day[] {
  const start = toDayNumber(getWeekStart(day, firstWeekday));
  return Array.from({ length: 7 }, (_, offset) => fromDayNumber(start + offset));
}

/**
 * Return the weeks that contain the days of a month, four to six, each with seven days.
 *
 * @param day - any day of the month.
 */
export function listMonthWeeks(day: Day, firstWeekday: Weekday): Day[][] {
  const { year, month } = getDayParts(day);
  const last = writeDay(year, month, getMonthLength(year, month));
  const weeks: Day[][] = [];
  let week = listWeek(writeDay(year, month, 1), firstWeekday);
  while (week[0] !== undefined && week[0] <= last) {
    weeks.push(week);
    week = listWeek(addDays(week[0], 7), firstWeekday);
  }
  return weeks;
}

function isInYear(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= getMonthLength(year, month);
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function writeDay(year: number, month: number, day: number): Day {
  return `${String(year).padStart(4, "0")}-${pad(month)}-${pad(day)}`;
}

function pad(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}

function modulo(number: number, divisor: number): number {
  return ((number % divisor) + divisor) % divisor;
}
