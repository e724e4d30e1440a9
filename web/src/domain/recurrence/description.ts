/** A rule as parts of a sentence, such as "every 2 weeks on Monday and Thursday, until …". */
import { type Day, fromDayNumber, type Weekday } from "../days.ts";
import { formatTime } from "../due.ts";
import { toLocal } from "../zones.ts";
import { toDay } from "./occurrence.ts";
import { type Frequency, parseRule, type Rule } from "./rules.ts";

/** A day of the week in a rule. */
export interface DescribedWeekday {
  /** 0 is Monday. */
  readonly weekday: Weekday;
  /** 1 for the first of the month or year, -1 for the last; null for each. */
  readonly position: number | null;
}

/** When a rule ends. */
export type DescribedEnd =
  | { readonly type: "count"; readonly count: number }
  | {
      readonly type: "until";
      readonly day: Day;
      /** `HH:MM` in the zone of the person; null if the end is a day. */
      readonly time: string | null;
    };

/** What a text says about a rule. Empty lists stand for parts that are not given. */
export interface RuleDescription {
  readonly frequency: Frequency;
  readonly interval: number;
  /** In the order of the week, those without a position first. */
  readonly weekdays: readonly DescribedWeekday[];
  /** Whether the weekdays are Monday to Friday, all without a position. */
  readonly isWorkdays: boolean;
  /** Days of the month in order: from 1, then -1 for the last day, and days before it. */
  readonly monthDays: readonly number[];
  /**
   * Whether the only day of the month is moved to the last day of shorter months. Quick add writes
   * such rules for the days 29 to 31.
   */
  readonly isClamped: boolean;
  /** 1 to 12. */
  readonly months: readonly number[];
  /** Which of the selected days of a period: 1 for the first, -1 for the last. */
  readonly positions: readonly number[];
  readonly end: DescribedEnd | null;
}

const LAST_COMMON_DAY = 28;
const WORKDAYS = "0,1,2,3,4";

/**
 * Describe a rule.
 *
 * @param zone - the time zone of the person, for an end in UTC.
 * @param firstWeekday - the first day in lists of weekdays: 0 is Monday.
 * @throws RuleError if the rule is invalid or not supported.
 */
export function describeRule(text: string, zone: string, firstWeekday: Weekday): RuleDescription {
  const rule = parseRule(text);
  const weekdays = [...rule.weekdays]
    .map((key) => ({ weekday: ((key % 7) + 7) % 7, position: Math.floor(key / 7) || null }))
    .sort((one, other) => compareWeekdays(one, other, firstWeekday));
  const monthDays = sortFromEnds(rule.monthDays);
  const clamped = findClampedDay(rule, monthDays);
  const every = weekdays.every(({ position }) => position === null);
  const names = weekdays.map(({ weekday }) => weekday).sort((one, other) => one - other);
  return {
    frequency: rule.frequency,
    interval: rule.interval,
    weekdays,
    isWorkdays: every && names.join() === WORKDAYS,
    monthDays: clamped === null ? monthDays : [clamped],
    isClamped: clamped !== null,
    months: [...rule.months].sort((one, other) => one - other),
    positions: clamped === null ? sortFromEnds(rule.positions) : [],
    end: describeEnd(rule, zone),
  };
}

/** Return the day of the month that BYMONTHDAY=28,…,n;BYSETPOS=-1 means; null for other rules. */
function findClampedDay(rule: Rule, monthDays: readonly number[]): number | null {
  const isLast = rule.positions.size === 1 && rule.positions.has(-1);
  // A yearly rule has one such day a month only with one month.
  const isMonth =
    rule.frequency === "MONTHLY" || (rule.frequency === "YEARLY" && rule.months.size === 1);
  const isRun = monthDays.every((day, index) => day === LAST_COMMON_DAY + index);
  if (!isLast || !isMonth || !isRun || monthDays.length < 2 || rule.weekdays.size > 0) return null;
  return monthDays.at(-1) ?? null;
}

function describeEnd({ count, until }: Rule, zone: string): DescribedEnd | null {
  if (count !== null) return { type: "count", count };
  if (until === null) return null;
  if (until.kind === "date") return { type: "until", day: getDay(until.at), time: null };
  const local = until.kind === "utc" ? toLocal(until.at, zone) : until.at;
  return { type: "until", day: getDay(local), time: formatTime(local) };
}

function getDay(local: number): Day {
  return fromDayNumber(toDay(local));
}

function sortFromEnds(numbers: ReadonlySet<number>): number[] {
  const rank = (number: number) => (number > 0 ? number : 1000 - number);
  return [...numbers].sort((one, other) => rank(one) - rank(other));
}

function compareWeekdays(one: DescribedWeekday, other: DescribedWeekday, first: Weekday): number {
  const rank = ({ position }: DescribedWeekday) => {
    if (position === null) return 0;
    return position > 0 ? position : 1000 - position;
  };
  const place = ({ weekday }: DescribedWeekday) => (weekday - first + 7) % 7;
  return rank(one) - rank(other) || place(one) - place(other);
}
