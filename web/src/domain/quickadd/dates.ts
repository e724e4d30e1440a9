/**
 * Dates in quick add: "today", "next friday", "in 3 days", "dec 1 2027", "1.12.", "3/12". The port
 * of `dates.py`. All functions throw RangeError if a date is after the year 9999.
 */
import {
  addDays,
  addMonths,
  DAY_MS,
  type Day,
  fromDayNumber,
  getDayParts,
  getMonthLength,
  getWeekday,
  makeDay,
} from "../days.ts";
import { toLocal } from "../zones.ts";
import {
  clampDay,
  findDayOfYear,
  findWeekdayAfter,
  findWeekdayOfNextWeek,
  findWeekend,
  MONDAY,
  SATURDAY,
} from "./days.ts";
import { findInTable, skipPhrase } from "./language.ts";
import { getKey, readDayNumber, readNumber, type Sentence } from "./sentence.ts";

/** Minutes after midnight of "tonight". */
const TONIGHT = 20 * 60;
const MINUTE_MS = 60_000;
const ISO = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const DOTTED = /^([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4}|[0-9]{2})?$/;
const SLASHED = /^([0-9]{1,2})\/([0-9]{1,2})(?:\/([0-9]{4}|[0-9]{2}))?$/;
const YEAR = /^[0-9]{4}$/;
const MONTHS_PER_UNIT = new Map([
  ["month", 1],
  ["quarter", 3],
  ["year", 12],
]);
const DAYS_PER_UNIT = new Map([
  ["day", 1],
  ["week", 7],
]);
const MINUTES_PER_UNIT = new Map([
  ["minute", 1],
  ["hour", 60],
]);

/** A recognised date. */
export interface FoundDay {
  /** Null if there is no such day, for example 30 February. */
  readonly day: Day | null;
  /** The index after its last word. */
  readonly end: number;
  /** The time in minutes after midnight, if the date implies one. */
  readonly minutes: number | null;
  /** The start of the part of the day that a following time belongs to. */
  readonly part: number | null;
  /** False if no time may follow, as after "in two hours". */
  readonly acceptsTime: boolean;
  /** Whether it is the next such day, as for "friday" and "dec 1". */
  readonly isNext: boolean;
}

/** A weekday, the minutes of a part of the day, and the index after it. */
interface NamedWeekday {
  readonly weekday: number;
  readonly minutes: number | null;
  readonly end: number;
}

/** A month, a day of the month and the index after them. */
export interface MonthAndDay {
  readonly month: number;
  readonly day: number;
  readonly end: number;
}

/** Return the date at an index. */
export function findDay(sentence: Sentence, index: number): FoundDay | null {
  if (getKey(sentence, index) === "") return null;
  return (
    findNamedDay(sentence, index) ??
    findWeekday(sentence, index) ??
    findInterval(sentence, index) ??
    findNumericDate(sentence, index) ??
    findDateWithMonth(sentence, index)
  );
}

function makeFoundDay(
  day: Day | null,
  end: number,
  { minutes = null, isNext = false }: { minutes?: number | null; isNext?: boolean } = {},
): FoundDay {
  return { day, end, minutes, part: minutes, acceptsTime: true, isNext };
}

function findNamedDay(sentence: Sentence, index: number): FoundDay | null {
  const found = findInTable(sentence.language.dates, sentence.keys, index);
  if (found === null) return null;
  if (found.value === "next_week") return findDayOfNextWeek(sentence, found.end);
  const day = getNamedDay(found.value, sentence.now.today);
  return makeFoundDay(day, found.end, { minutes: found.value === "tonight" ? TONIGHT : null });
}

/** Return the weekday after "next week", as in "next week on friday", or the first day. */
function findDayOfNextWeek(sentence: Sentence, end: number): FoundDay {
  const { language, keys, now } = sentence;
  const named = readWeekday(sentence, skipPhrase(language.leadIns, keys, end) ?? end);
  if (named === null) return makeFoundDay(findWeekdayOfNextWeek(now.today, MONDAY), end);
  return makeFoundDay(findWeekdayOfNextWeek(now.today, named.weekday), named.end, named);
}

/** Return the weekday that a word means, such as "friday" or "montagabend". */
function readWeekday(sentence: Sentence, index: number): NamedWeekday | null {
  const { language } = sentence;
  const key = getKey(sentence, index);
  const weekday = language.weekdays.get(key);
  if (weekday !== undefined) return { weekday, minutes: null, end: index + 1 };
  const joined = language.joinedParts.get(key);
  return joined === undefined ? null : { ...joined, end: index + 1 };
}

function getNamedDay(name: string, today: Day): Day {
  switch (name) {
    case "today":
    case "tonight":
      return today;
    case "tomorrow":
      return addDays(today, 1);
    case "day_after_tomorrow":
      return addDays(today, 2);
    case "weekend":
      return findWeekend(today);
    case "next_weekend":
      return findWeekdayOfNextWeek(today, SATURDAY);
    default:
      return getDayOfPeriod(name, today);
  }
}

/** Return the first day of the next month or year, or the last day of this one. */
function getDayOfPeriod(name: string, today: Day): Day {
  const { year, month } = getDayParts(today);
  if (name === "next_month") return addMonths(clampDay(year, month, 1), 1);
  if (name === "next_year") return clampDay(year + 1, 1, 1);
  if (name === "end_of_month") return clampDay(year, month, getMonthLength(year, month));
  return clampDay(year, 12, 31);
}

function findWeekday(sentence: Sentence, index: number): FoundDay | null {
  const { language, now } = sentence;
  const first = getKey(sentence, index);
  const isNext = language.next.has(first);
  const named = readWeekday(sentence, isNext || language.this.has(first) ? index + 1 : index);
  if (named === null) return null;
  const { weekday, minutes, end } = named;
  if (isNext) return makeFoundDay(findWeekdayOfNextWeek(now.today, weekday), end, { minutes });
  return (
    findDateOfWeekday(sentence, named) ??
    makeFoundDay(findWeekdayAfter(now.today, weekday), end, { minutes, isNext: true })
  );
}

/**
 * Return the day of "friday next week" or "friday, 4 dec"; null if no date follows. A date that is
 * another weekday is not a part of the phrase.
 */
function findDateOfWeekday(sentence: Sentence, named: NamedWeekday): FoundDay | null {
  const { language, keys, now } = sentence;
  const { weekday, minutes } = named;
  const found = findInTable(language.dates, keys, named.end);
  if (found?.value === "next_week") {
    return makeFoundDay(findWeekdayOfNextWeek(now.today, weekday), found.end, { minutes });
  }
  const index = skipPhrase(language.leadIns, keys, named.end) ?? named.end;
  const after = findNumericDate(sentence, index) ?? findDateWithMonth(sentence, index);
  if (after === null || after.day === null || getWeekday(after.day) !== weekday) return null;
  return makeFoundDay(after.day, after.end, { minutes });
}

/** Return the date of "in 3 days", or the date and time of "in two hours". */
function findInterval(sentence: Sentence, index: number): FoundDay | null {
  const { language, now } = sentence;
  if (!language.in.has(getKey(sentence, index))) return null;
  const number = readNumber(sentence, index + 1);
  const unit = language.units.get(getKey(sentence, index + 2));
  if (number === null || unit === undefined) return null;
  const minutes = MINUTES_PER_UNIT.get(unit);
  if (minutes !== undefined) return addMinutes(sentence, number * minutes, index + 3);
  const days = DAYS_PER_UNIT.get(unit);
  if (days !== undefined) return makeFoundDay(addDays(now.today, number * days), index + 3);
  return makeFoundDay(addMonths(now.today, number * (MONTHS_PER_UNIT.get(unit) ?? 1)), index + 3);
}

function addMinutes(sentence: Sentence, minutes: number, end: number): FoundDay {
  // Added in UTC, because a local day may have 23 or 25 hours.
  const { instant, zone } = sentence.now;
  const local = toLocal(instant + minutes * MINUTE_MS, zone);
  const number = Math.floor(local / DAY_MS);
  const time = Math.floor((local - number * DAY_MS) / MINUTE_MS);
  return {
    day: fromDayNumber(number),
    end,
    minutes: time,
    part: null,
    acceptsTime: false,
    isNext: false,
  };
}

function findNumericDate(sentence: Sentence, index: number): FoundDay | null {
  const key = getKey(sentence, index);
  const iso = ISO.exec(key);
  if (iso !== null) {
    return makeFoundDay(makeDay(Number(iso[1]), Number(iso[2]), Number(iso[3])), index + 1);
  }
  const dotted = DOTTED.exec(key);
  if (dotted !== null) {
    return readNumbers(sentence, Number(dotted[1]), Number(dotted[2]), dotted[3], index + 1);
  }
  const slashed = SLASHED.exec(key);
  if (slashed === null) return null;
  const [first, second] = [Number(slashed[1]), Number(slashed[2])];
  if (sentence.dateOrder === "dmy")
    return readNumbers(sentence, first, second, slashed[3], index + 1);
  if (sentence.dateOrder === "mdy")
    return readNumbers(sentence, second, first, slashed[3], index + 1);
  return null;
}

/** Return the date that numbers mean; null if they cannot be a day and a month. */
function readNumbers(
  sentence: Sentence,
  day: number,
  month: number,
  year: string | undefined,
  end: number,
): FoundDay | null {
  if (day < 1 || day > 31 || month < 1 || month > 12) return null;
  if (year === undefined || year.length === 4) {
    const isNext = year === undefined;
    return makeFoundDay(findDate(sentence, month, day, year), end, { isNext });
  }
  // "3.11.14" is a version rather than a date in the past.
  const found = makeDay(2000 + Number(year), month, day);
  return found === null || found < sentence.now.today ? null : makeFoundDay(found, end);
}

/** Return the date of "dec 1", "1 dec" or "1st of december", with or without a year. */
function findDateWithMonth(sentence: Sentence, index: number): FoundDay | null {
  const found = findMonthAndDay(sentence, index);
  if (found === null) return null;
  const { month, day, end } = found;
  const year = getKey(sentence, end);
  if (YEAR.test(year)) return makeFoundDay(findDate(sentence, month, day, year), end + 1);
  return makeFoundDay(findDate(sentence, month, day, undefined), end, { isNext: true });
}

/** Return the month and the day at an index, and the index after them. */
export function findMonthAndDay(sentence: Sentence, index: number): MonthAndDay | null {
  const { language } = sentence;
  const first = language.months.get(getKey(sentence, index));
  if (first !== undefined) {
    const day = language.monthBeforeDay ? readDayNumber(sentence, index + 1) : null;
    return day === null ? null : { month: first, day, end: index + 2 };
  }
  const day = readDayNumber(sentence, index);
  if (day === null) return null;
  const at = index + (language.of.has(getKey(sentence, index + 1)) ? 2 : 1);
  const month = language.months.get(getKey(sentence, at));
  return month === undefined ? null : { month, day, end: at + 1 };
}

/** Return month and day of a date with dots and without a year, and the index after it. */
export function findNumericMonthAndDay(sentence: Sentence, index: number): MonthAndDay | null {
  const dotted = DOTTED.exec(getKey(sentence, index));
  const month = Number(dotted?.[2]);
  if (dotted === null || dotted[3] !== undefined || month < 1 || month > 12) return null;
  return { month, day: Number(dotted[1]), end: index + 1 };
}

/** Return a date of a year, or the first such day from today on. */
function findDate(
  sentence: Sentence,
  month: number,
  day: number,
  year: string | undefined,
): Day | null {
  if (year === undefined) return findDayOfYear(sentence.now.today, month, day);
  return makeDay(Number(year), month, day);
}
