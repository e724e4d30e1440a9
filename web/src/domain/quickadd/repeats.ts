/**
 * Repeats in quick add, such as "every 2 weeks on friday at 9 until 2027-05-01". The port of
 * `repeats.py`, the first half: which days repeat. The rest is in `repeatEnds.ts`.
 */
import { findMonthAndDay, findNumericMonthAndDay } from "./dates.ts";
import { findDayOfYear, SATURDAY } from "./days.ts";
import { skipPhrase } from "./language.ts";
import { makePhrase, makeRepeat, type Repeat, readAddition } from "./repeatEnds.ts";
import { makeRule, type RepeatRule } from "./repeatRules.ts";
import type { Phrase } from "./result.ts";
import { getKey, readDayNumber, readNumber, readOrdinal, type Sentence } from "./sentence.ts";

const MAX_INTERVAL = 1000;
const MONTHS_PER_QUARTER = 3;
const WORKDAYS = [0, 1, 2, 3, 4];

type RepeatUnit = RepeatRule["unit"] | "quarter";

/**
 * Return the repeat at an index.
 *
 * @throws RangeError if a date is after the year 9999.
 */
export function findRepeat(sentence: Sentence, index: number): Phrase | null {
  const repeat =
    findAdverb(sentence, index) ??
    findEvery(sentence, index) ??
    findWeekdayOfWeeks(sentence, index);
  if (repeat === null) return null;
  while (readAddition(sentence, repeat));
  return makePhrase(sentence, repeat, index);
}

/** Return the repeat of "daily", "monthly on the 1st" or "montags". */
function findAdverb(sentence: Sentence, index: number): Repeat | null {
  const { language } = sentence;
  const key = getKey(sentence, index);
  const adverb = language.adverbs.get(key);
  const unit = findRepeatUnit(adverb?.unit);
  if (adverb !== undefined && unit !== null) {
    return readDaysOfUnit(sentence, unit, adverb.interval, index + 1);
  }
  const weekdays = language.dayAdverbs.get(key);
  if (weekdays === undefined) return null;
  const repeat = makeRepeat(makeRule({ unit: "week", weekdays }), index + 1);
  return findWeekdayOfWeeks(sentence, index) ?? repeat;
}

/** Return the repeat of "monday every 2 weeks" or "montags alle 2 Wochen". */
function findWeekdayOfWeeks(sentence: Sentence, index: number): Repeat | null {
  const days = findDaysOfWeek(sentence, index);
  if (days === null) return null;
  const weeks = findEvery(sentence, days.end);
  if (weeks === null || weeks.rule.unit !== "week" || weeks.rule.weekdays.length > 0) return null;
  const { weekdays } = days.rule;
  return { ...weeks, rule: { ...weeks.rule, weekdays }, part: days.part, minutes: days.minutes };
}

/** Return the repeat of "monday", "mon and fri", "workday" or "montags". */
function findDaysOfWeek(sentence: Sentence, index: number): Repeat | null {
  const weekdays = sentence.language.dayAdverbs.get(getKey(sentence, index));
  if (weekdays === undefined) return findWeekdays(sentence, index);
  return makeRepeat(makeRule({ unit: "week", weekdays }), index + 1);
}

function findEvery(sentence: Sentence, index: number): Repeat | null {
  const key = getKey(sentence, index);
  const hasMark = key.endsWith("!");
  if (!sentence.language.every.has(hasMark ? key.slice(0, -1) : key)) return null;
  const start = index + 1;
  const repeat =
    findUnits(sentence, start) ??
    findOrdinalDays(sentence, start) ??
    findWeekdays(sentence, start) ??
    findYearlyDay(sentence, start) ??
    findDayOfMonth(sentence, start, true) ??
    findPart(sentence, start);
  if (repeat !== null) repeat.countsFromCompletion = hasMark;
  return repeat;
}

function findRepeatUnit(unit: string | undefined): RepeatUnit | null {
  switch (unit) {
    case "day":
    case "week":
    case "month":
    case "quarter":
    case "year":
      return unit;
    default:
      return null;
  }
}

/** Return the repeat of "day", "3 days", "other week" or "second month". */
function findUnits(sentence: Sentence, index: number): Repeat | null {
  const { language } = sentence;
  const single = findRepeatUnit(language.units.get(getKey(sentence, index)));
  if (single !== null) return readDaysOfUnit(sentence, single, 1, index + 1);
  let interval = readNumber(sentence, index);
  if (interval === null && language.other.has(getKey(sentence, index))) interval = 2;
  if (interval === null) {
    interval = readOrdinal(sentence, index);
    if (interval === null || interval < 2) return null;
    if (skipPhrase(language.ofTheMonth, sentence.keys, index + 2) !== null) return null;
  }
  const unit = findRepeatUnit(language.units.get(getKey(sentence, index + 1)));
  const maximum = Math.floor(MAX_INTERVAL / (unit === "quarter" ? MONTHS_PER_QUARTER : 1));
  if (unit === null || interval > maximum) return null;
  return readDaysOfUnit(sentence, unit, interval, index + 2);
}

/**
 * Return the repeat of a unit, and the days of the unit if they follow. Weekdays may follow without
 * "on": "every 2 weeks monday".
 */
function readDaysOfUnit(
  sentence: Sentence,
  given: RepeatUnit,
  number: number,
  index: number,
): Repeat {
  const unit = given === "quarter" ? "month" : given;
  const interval = given === "quarter" ? number * MONTHS_PER_QUARTER : number;
  const start = skipPhrase(sentence.language.repeatOn, sentence.keys, index);
  let days = start === null ? null : findDaysOfUnit(sentence, unit, start);
  if (start === null && unit === "week") days = findDaysOfWeek(sentence, index);
  if (days === null) return makeRepeat(makeRule({ unit, interval }), index);
  days.rule = { ...days.rule, unit, interval };
  return days;
}

function findDaysOfUnit(
  sentence: Sentence,
  unit: RepeatRule["unit"],
  index: number,
): Repeat | null {
  if (unit === "week") return findWeekdays(sentence, index);
  if (unit === "year") return findYearlyDay(sentence, index);
  if (unit === "day") return null;
  return findOrdinalDays(sentence, index, true) ?? findDayOfMonth(sentence, index, false);
}

/** Return the repeat of "second tuesday", "last day" or "last workday", in a month. */
function findOrdinalDays(sentence: Sentence, index: number, isInMonth = false): Repeat | null {
  const { language } = sentence;
  const isOther = language.other.has(getKey(sentence, index));
  const position = isOther ? 2 : readOrdinal(sentence, index);
  if (position === null || position > 5) return null;
  const { weekdays, end } = readKindOfDay(sentence, index + 1);
  if (end === null) return null;
  const afterMonth = skipPhrase(language.ofTheMonth, sentence.keys, end);
  if (weekdays.length === 0) {
    return makeRepeat(makeRule({ unit: "month", monthDay: position }), afterMonth ?? end);
  }
  const countsWeeks = language.ordinalWeekdayCountsWeeks && position > 1 && !isInMonth;
  if (isOther || (countsWeeks && afterMonth === null)) {
    return makeRepeat(makeRule({ unit: "week", interval: position, weekdays }), end);
  }
  return makeRepeat(makeRule({ unit: "month", weekdays, position }), afterMonth ?? end);
}

/** Return the weekdays that a word means, none for "day", and the index after it. */
function readKindOfDay(
  sentence: Sentence,
  index: number,
): { weekdays: readonly number[]; end: number | null } {
  const { language } = sentence;
  const weekday = language.weekdays.get(getKey(sentence, index));
  if (weekday !== undefined) return { weekdays: [weekday], end: index + 1 };
  if (language.units.get(getKey(sentence, index)) === "day")
    return { weekdays: [], end: index + 1 };
  return { weekdays: WORKDAYS, end: skipPhrase(language.workday, sentence.keys, index) };
}

/** Return the repeat of "monday", "mon, wed and fri", "workday" or "weekend". */
function findWeekdays(sentence: Sentence, index: number): Repeat | null {
  const { language } = sentence;
  const afterWorkday = skipPhrase(language.workday, sentence.keys, index);
  if (afterWorkday !== null) {
    return makeRepeat(makeRule({ unit: "week", weekdays: WORKDAYS }), afterWorkday);
  }
  if (language.weekend.has(getKey(sentence, index))) {
    return makeRepeat(makeRule({ unit: "week", weekdays: [SATURDAY] }), index + 1);
  }
  const joined = language.joinedParts.get(getKey(sentence, index));
  if (joined !== undefined) {
    const rule = makeRule({ unit: "week", weekdays: [joined.weekday] });
    return { ...makeRepeat(rule, index + 1), part: joined.minutes, minutes: joined.minutes };
  }
  return findListOfWeekdays(sentence, index);
}

function findListOfWeekdays(sentence: Sentence, start: number): Repeat | null {
  const { language } = sentence;
  const weekdays = new Set<number>();
  let [index, end] = [start, start];
  for (;;) {
    const weekday = language.listWeekdays.get(getKey(sentence, index));
    if (weekday === undefined) break;
    weekdays.add(weekday);
    end = index + 1;
    index = language.and.has(getKey(sentence, end)) ? end + 1 : end;
  }
  if (weekdays.size === 0) return null;
  const sorted = [...weekdays].sort((one, other) => one - other);
  return makeRepeat(makeRule({ unit: "week", weekdays: sorted }), end);
}

/** Return the repeat of "dec 24", "24 dec" or "24.12.". */
function findYearlyDay(sentence: Sentence, index: number): Repeat | null {
  const found = findMonthAndDay(sentence, index) ?? findNumericMonthAndDay(sentence, index);
  if (found === null) return null;
  const { month, day, end } = found;
  const repeat = makeRepeat(makeRule({ unit: "year", month, monthDay: day }), end);
  const isMissing = findDayOfYear(sentence.now.today, month, day) === null;
  return isMissing ? { ...repeat, missing: { start: index, end } } : repeat;
}

/** Return the repeat of "1st" or "15th". */
function findDayOfMonth(sentence: Sentence, index: number, needsSuffix: boolean): Repeat | null {
  const monthDay = readDayNumber(sentence, index, { needsSuffix });
  if (monthDay === null) return null;
  const afterMonth = skipPhrase(sentence.language.ofTheMonth, sentence.keys, index + 1);
  return makeRepeat(makeRule({ unit: "month", monthDay }), afterMonth ?? index + 1);
}

/** Return the repeat of "morning", every day. */
function findPart(sentence: Sentence, index: number): Repeat | null {
  const part = sentence.language.parts.get(getKey(sentence, index));
  if (part === undefined) return null;
  return { ...makeRepeat(makeRule({ unit: "day" }), index + 1), part, minutes: part };
}
