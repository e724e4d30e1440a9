/**
 * Repeat rules that quick add writes (RFC 5545, section 3.3.10), and their first day. The port of
 * `repeat_rules.py`.
 */
import { addMonths, type Day, getDayParts } from "../days.ts";
import { clampDay, findNthWeekday, findWeekdayFrom } from "./days.ts";

const WEEKDAY_NAMES = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const FREQUENCIES = { day: "DAILY", week: "WEEKLY", month: "MONTHLY", year: "YEARLY" };
/** All months have this day. */
const LAST_COMMON_DAY = 28;
/** A month with five days of one weekday comes at least once in this time. */
const MAX_MONTHS = 12;

/** A rule without its end. */
export interface RepeatRule {
  readonly unit: keyof typeof FREQUENCIES;
  /** The number of units. */
  readonly interval: number;
  /** 0 is Monday. With a `position`, the n-th of them in a month. */
  readonly weekdays: readonly number[];
  /** 1 for the first of the weekdays in a month, -1 for the last. */
  readonly position: number | null;
  /** The month of a yearly rule. */
  readonly month: number | null;
  /** The day of the month; -1 for the last. */
  readonly monthDay: number | null;
}

/** Return a rule with the given fields. */
export function makeRule(
  fields: Partial<RepeatRule> & { readonly unit: RepeatRule["unit"] },
): RepeatRule {
  return { interval: 1, weekdays: [], position: null, month: null, monthDay: null, ...fields };
}

/**
 * Return the first occurrence of a rule on or after a day.
 *
 * @throws RangeError if it is after the year 9999.
 */
export function findFirstDay(rule: RepeatRule, start: Day): Day {
  if (rule.position !== null) return findFirstNthWeekday(rule, start, rule.position);
  if (rule.weekdays.length > 0) {
    const days = rule.weekdays.map((weekday) => findWeekdayFrom(start, weekday));
    return days.sort()[0] ?? start;
  }
  if (rule.monthDay === null) return start;
  const parts = getDayParts(start);
  const day = rule.monthDay === -1 ? 31 : rule.monthDay;
  const found = clampDay(parts.year, rule.month ?? parts.month, day);
  if (found >= start) return found;
  const month = addMonths(`${found.slice(0, 7)}-01`, rule.month === null ? 1 : 12);
  const following = getDayParts(month);
  return clampDay(following.year, following.month, day);
}

function findFirstNthWeekday(rule: RepeatRule, start: Day, position: number): Day {
  let first = `${start.slice(0, 7)}-01`;
  for (let count = 0; count < MAX_MONTHS; count++) {
    const { year, month } = getDayParts(first);
    const found = findNthWeekday(year, month, rule.weekdays, position);
    if (found !== null && found >= start) return found;
    first = addMonths(first, 1);
  }
  throw new RangeError("No month has such a day.");
}

/**
 * Return a rule that does not omit short months, if it repeats the day of its start. A monthly rule
 * that starts on the 31st would omit the months without a 31st. A yearly rule that starts on 29
 * February would omit most years.
 */
export function keepDayOfMonth(rule: RepeatRule, start: Day): RepeatRule {
  const { month, day } = getDayParts(start);
  if (rule.monthDay !== null || rule.weekdays.length > 0 || day <= LAST_COMMON_DAY) return rule;
  if (rule.unit === "month") return { ...rule, monthDay: day };
  if (rule.unit === "year" && month === 2) return { ...rule, month: 2, monthDay: day };
  return rule;
}

/**
 * Return the text of a rule.
 *
 * A day of the month above 28 is the last day of shorter months. It is written as the last of the
 * days from 28 to that day, which every client understands.
 *
 * @param count - the number of occurrences, if it is limited.
 * @param until - the last day or time, in the notation of RFC 5545.
 */
export function formatRule(rule: RepeatRule, count: number | null, until: string | null): string {
  const parts = [`FREQ=${FREQUENCIES[rule.unit]}`];
  if (rule.interval > 1) parts.push(`INTERVAL=${rule.interval}`);
  if (count !== null) parts.push(`COUNT=${count}`);
  if (until !== null) parts.push(`UNTIL=${until}`);
  if (rule.month !== null) parts.push(`BYMONTH=${rule.month}`);
  if (rule.monthDay !== null) parts.push(...formatMonthDay(rule.monthDay));
  if (rule.weekdays.length > 0) parts.push(...formatWeekdays(rule));
  return parts.join(";");
}

function formatMonthDay(day: number): string[] {
  if (day <= LAST_COMMON_DAY) return [`BYMONTHDAY=${day}`];
  const days = Array.from({ length: day - LAST_COMMON_DAY + 1 }, (_, at) => LAST_COMMON_DAY + at);
  return [`BYMONTHDAY=${days.join(",")}`, "BYSETPOS=-1"];
}

function formatWeekdays(rule: RepeatRule): string[] {
  const names = rule.weekdays.map((weekday) => WEEKDAY_NAMES[weekday] ?? "");
  if (rule.position === null) return [`BYDAY=${names.join(",")}`];
  if (names.length === 1) return [`BYDAY=${rule.position}${names[0]}`];
  return [`BYDAY=${names.join(",")}`, `BYSETPOS=${rule.position}`];
}
