/**
 * The days of a rule, as specified by the table of RFC 5545, section 3.3.10. The port of `days.py`.
 *
 * A period is a day, a week, a month or a year, as given by FREQ. Every INTERVAL-th period, counted
 * from the one with the start, has a set of days: those that the BY parts select, reduced by
 * BYSETPOS. An iteration can begin at any period, so the age of a series costs nothing.
 *
 * Days are numbers: 1970-01-01 is 0.
 */
import { getMonthLength, toDayNumber } from "../days.ts";
import { findDays, getDayOfWeek, getParts, makeMonthDays, startOfMonth } from "./months.ts";
import { type Frequency, hasByParts, makeWeekdayKey, type Rule } from "./rules.ts";

/** The last day that can be represented. */
export const LAST_DAY = toDayNumber("9999-12-31");
/** The first one. */
export const FIRST_DAY = toDayNumber("0001-01-01");

/** The days of a period, in order. */
type Periods = Generator<readonly number[], void>;

/**
 * The Gregorian calendar repeats every 400 years, which are 146,097 days. If as many periods in
 * succession are empty, all later ones are, too, whatever the INTERVAL.
 */
const PERIODS_OF_CALENDAR: Record<Exclude<Frequency, "DAILY">, number> = {
  WEEKLY: 146_097 / 7,
  MONTHLY: 400 * 12,
  YEARLY: 400,
};

/**
 * Yield the days of a rule in order, without regard to COUNT and UNTIL.
 *
 * @param start - the day from which the rule counts. It is yielded only if it matches the rule.
 * @param first - the first day to yield, if it is after the start.
 * @param last - the last day to yield.
 */
export function* listDays(
  rule: Rule,
  start: number,
  first = start,
  last = LAST_DAY,
): Generator<number, void> {
  const begin = Math.max(start, first);
  const end = Math.min(last, LAST_DAY);
  if (begin > LAST_DAY) return;
  for (const days of listPeriods(rule, start, begin, end)) {
    for (const day of days) if (day >= begin && day <= end) yield day;
  }
}

/** Return the last day of the period that contains a day. */
export function getEndOfPeriod(rule: Rule, day: number): number {
  const { year, month } = getParts(day);
  switch (rule.frequency) {
    case "DAILY":
      return day;
    case "WEEKLY":
      return Math.min(getWeek(rule, day) + 6, LAST_DAY);
    case "MONTHLY":
      return startOfMonth(year, month) + getMonthLength(year, month) - 1;
    case "YEARLY":
      return startOfMonth(year, 12) + 30;
  }
}

/**
 * Return the day a number of intervals later; null if it is after the year 9999.
 *
 * Months end with their last day: a month after 31 January is the end of February.
 */
export function addPeriods(rule: Rule, day: number, number: number): number | null {
  const periods = number * rule.interval;
  if (rule.frequency === "DAILY" || rule.frequency === "WEEKLY") {
    const moved = day + periods * (rule.frequency === "WEEKLY" ? 7 : 1);
    return moved <= LAST_DAY ? moved : null;
  }
  const parts = getParts(day);
  const months = periods * (rule.frequency === "YEARLY" ? 12 : 1);
  const total = parts.year * 12 + parts.month - 1 + months;
  const [year, month] = [Math.floor(total / 12), (total % 12) + 1];
  if (year > 9999) return null;
  return startOfMonth(year, month) + Math.min(parts.day, getMonthLength(year, month)) - 1;
}

/** Yield the days of each period. It ends if all later periods are empty. */
function* listPeriods(given: Rule, start: number, first: number, last: number): Periods {
  const rule = addImpliedParts(given, start);
  if (rule.frequency === "DAILY") {
    const { positions } = rule;
    const isEmpty = positions.size > 0 && !positions.has(1) && !positions.has(-1);
    if (!isEmpty) yield* listDailyPeriods(rule, start, first, last);
    return;
  }
  const list = {
    WEEKLY: listWeeklyPeriods,
    MONTHLY: listMonthlyPeriods,
    YEARLY: listYearlyPeriods,
  };
  let empty = 0;
  for (const days of list[rule.frequency](rule, start, first, last)) {
    const selected = rule.positions.size > 0 ? selectPositions(rule, days) : days;
    empty = selected.length > 0 ? 0 : empty + 1;
    if (empty > PERIODS_OF_CALENDAR[rule.frequency]) return;
    yield selected;
  }
}

/** Add the parts that a rule takes from its start if they are not given. */
function addImpliedParts(rule: Rule, start: number): Rule {
  if (rule.frequency === "WEEKLY") {
    if (rule.weekdays.size > 0) return rule;
    return { ...rule, weekdays: new Set([makeWeekdayKey(0, getDayOfWeek(start))]) };
  }
  if (rule.frequency === "DAILY" || rule.monthDays.size > 0 || rule.weekdays.size > 0) return rule;
  const { month, day } = getParts(start);
  const monthDays = new Set([day]);
  if (rule.frequency === "YEARLY" && rule.months.size === 0) {
    return { ...rule, months: new Set([month]), monthDays };
  }
  return { ...rule, monthDays };
}

/** Return the days at the positions of BYSETPOS. */
function selectPositions(rule: Rule, days: readonly number[]): number[] {
  const indexes = new Set(
    [...rule.positions]
      .filter((position) => Math.abs(position) <= days.length)
      .map((position) => (position > 0 ? position - 1 : days.length + position)),
  );
  return days.filter((_, index) => indexes.has(index));
}

function* listDailyPeriods(rule: Rule, start: number, first: number, last: number): Periods {
  const listMonthDays = makeMonthDays(rule);
  let day = skipIntervals(start, first, rule.interval);
  while (day <= last) {
    const { year, month, day: dayOfMonth } = getParts(day);
    const before = day - dayOfMonth;
    const end = before + getMonthLength(year, month);
    const begin = day;
    const candidates: number[] = [];
    for (; day <= end; day += rule.interval) candidates.push(day);
    // The days of a month are one period here.
    yield hasByParts(rule)
      ? listMonthDays(year, month)
          .map((each) => before + each)
          .filter((each) => each >= begin && (each - begin) % rule.interval === 0)
      : candidates;
  }
}

function* listWeeklyPeriods(rule: Rule, start: number, first: number, last: number): Periods {
  const offsets = [...rule.weekdays]
    .map((weekday) => (weekday - rule.weekStart + 7) % 7)
    .sort((one, other) => one - other);
  const step = 7 * rule.interval;
  let week = skipIntervals(getWeek(rule, start), first, step);
  while (week <= last) {
    const begin = week;
    let days = offsets
      .map((offset) => begin + offset)
      .filter((day) => day >= FIRST_DAY && day <= LAST_DAY);
    if (rule.months.size > 0) days = days.filter((day) => rule.months.has(getParts(day).month));
    yield days;
    week += step;
    if (rule.months.size > 0 && days.length === 0 && week <= last) {
      // Leave out the rest of a month that is not in BYMONTH.
      const { year, month } = getParts(week);
      if (!rule.months.has(month)) {
        const end = startOfMonth(year, month) + getMonthLength(year, month);
        week = Math.max(week, skipIntervals(week, end, step));
      }
    }
  }
}

function* listMonthlyPeriods(rule: Rule, start: number, first: number, last: number): Periods {
  const listMonthDays = makeMonthDays(rule);
  const end = getMonth(last);
  let number = skipIntervals(getMonth(start), getMonth(first), rule.interval);
  for (; number <= end; number += rule.interval) {
    const [year, month] = [Math.floor(number / 12), (number % 12) + 1];
    const days = listMonthDays(year, month);
    const before = days.length > 0 ? startOfMonth(year, month) - 1 : 0;
    yield days.map((day) => before + day);
  }
}

function* listYearlyPeriods(rule: Rule, start: number, first: number, last: number): Periods {
  // There are 14 kinds of years: by their length and the day of the week on which they begin.
  const kinds = new Map<number, readonly number[]>();
  const end = getParts(last).year;
  let year = skipIntervals(getParts(start).year, getParts(first).year, rule.interval);
  for (; year <= end; year += rule.interval) {
    const before = startOfMonth(year, 1) - 1;
    const kind = getDayOfWeek(before) * 30 + getMonthLength(year, 2);
    let days = kinds.get(kind);
    if (days === undefined) {
      days = listDaysOfYear(rule, year).map((day) => day - before);
      kinds.set(kind, days);
    }
    yield days.map((day) => before + day);
  }
}

function listDaysOfYear(rule: Rule, year: number): number[] {
  const bounds = { first: startOfMonth(year, 1), last: startOfMonth(year, 12) + 30 };
  const found: number[] = [];
  for (let month = 1; month <= 12; month++) {
    if (rule.months.size > 0 && !rule.months.has(month)) continue;
    const [begin, length] = [startOfMonth(year, month), getMonthLength(year, month)];
    // Without BYMONTH, the positions of BYDAY count from the ends of the year.
    const ofMonth = { first: begin, last: begin + length - 1 };
    found.push(...findDays(rule, begin, length, rule.months.size > 0 ? ofMonth : bounds));
  }
  return found;
}

/** Return the month of a day, numbered from January of the year 0. */
function getMonth(day: number): number {
  const { year, month } = getParts(day);
  return year * 12 + month - 1;
}

/** Return the first day of a week. It may be before the year 1 in the first week. */
function getWeek(rule: Rule, day: number): number {
  return day - ((getDayOfWeek(day) - rule.weekStart + 7) % 7);
}

/** Return the last number before or at the target that is whole intervals after the begin. */
function skipIntervals(begin: number, target: number, interval: number): number {
  return begin + Math.floor((target - begin) / interval) * interval;
}
