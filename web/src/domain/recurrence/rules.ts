/**
 * Recurrence rules: the `recur` text of RFC 5545, section 3.3.10, parsed and validated. The port of
 * `rules.py`, with the same limits.
 *
 * The parts FREQ (DAILY to YEARLY), INTERVAL, COUNT, UNTIL, BYMONTH, BYMONTHDAY, BYDAY, BYSETPOS and
 * WKST are supported. The limits bound the cost of a rule.
 */
import { DAY_MS, isDay, toDayNumber } from "../days.ts";

export type Frequency = "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY";

/**
 * `invalid_rule` for a violation of RFC 5545, `rule_not_supported` for a valid rule beyond the
 * supported parts and limits, `rule_never` for a rule without an occurrence.
 */
export type RuleErrorCode = "rule_not_supported" | "rule_never" | "invalid_rule";

/** Thrown for a rule that cannot be used. */
export class RuleError extends Error {
  readonly code: RuleErrorCode;
  /** The name of the part that is wrong, such as `BYDAY`; empty for the whole rule. */
  readonly part: string;

  constructor(code: RuleErrorCode, part: string) {
    super(`${code} ${part}`);
    this.code = code;
    this.part = part;
  }
}

/** The inclusive end of a rule. */
export interface Until {
  readonly kind: "date" | "local" | "utc";
  /** Milliseconds; of a date and a local time, as if it were in UTC. */
  readonly at: number;
}

/** A parsed rule. Empty sets stand for parts that are not given. */
export interface Rule {
  readonly frequency: Frequency;
  /** The number of periods from one to the next. */
  readonly interval: number;
  /** The number of occurrences; null without a limit. */
  readonly count: number | null;
  readonly until: Until | null;
  /** BYMONTH, 1 to 12. */
  readonly months: ReadonlySet<number>;
  /** BYMONTHDAY, from 1, or from -1 for the last day. */
  readonly monthDays: ReadonlySet<number>;
  /** BYDAY as keys of {@link makeWeekdayKey}. */
  readonly weekdays: ReadonlySet<number>;
  /** BYSETPOS, from 1, or from -1 for the last one. */
  readonly positions: ReadonlySet<number>;
  /** WKST, 0 is Monday. */
  readonly weekStart: number;
}

export const MAX_INTERVAL = 1000;
export const MAX_COUNT = 1000;
/** 29 February is at most 8 years after the previous one. */
export const MAX_YEARS_WITHOUT_OCCURRENCE = 12;
const MAX_VALUES = 50;
const MAX_POSITION = 366;
const MAX_WEEKDAY_POSITION = 53;
const MAX_RULE_LENGTH = 500;

/** The names of the days of the week in rules, from Monday. */
export const WEEKDAYS: readonly string[] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const FREQUENCIES: readonly Frequency[] = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"];
const PARTS = [
  ...["FREQ", "INTERVAL", "COUNT", "UNTIL"],
  ...["BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST"],
];
const SIGNED_NUMBER = /^[+-]?[0-9]+$/;
const WEEKDAY = /^([+-]?[0-9]+)?(MO|TU|WE|TH|FR|SA|SU)$/;
const UNTIL = /^([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})(Z)?)?$/;
const NONE: ReadonlySet<number> = new Set();

type Parts = ReadonlyMap<string, string>;

/** Return the key of a day of the week at a position: 0 for each, from 1, or from -1 for the last. */
export function makeWeekdayKey(position: number, weekday: number): number {
  return position * 7 + weekday;
}

/** Return a rule with only a frequency and an interval. */
export function makeSimpleRule(frequency: Frequency, interval = 1): Rule {
  const sets = { months: NONE, monthDays: NONE, weekdays: NONE, positions: NONE };
  return { frequency, interval, count: null, until: null, ...sets, weekStart: 0 };
}

/** Return whether a rule has a BY part that selects days. */
export function hasByParts(rule: Rule): boolean {
  return rule.months.size > 0 || rule.monthDays.size > 0 || rule.weekdays.size > 0;
}

/**
 * Parse a rule and check everything that does not depend on the due date.
 *
 * @throws RuleError: `invalid_rule` or `rule_not_supported`.
 */
export function parseRule(text: string): Rule {
  const parts = splitParts(text);
  const rule: Rule = {
    frequency: parseFrequency(parts),
    interval: parseNumber(parts, "INTERVAL", MAX_INTERVAL) ?? 1,
    count: parseNumber(parts, "COUNT", MAX_COUNT),
    until: parseUntil(parts),
    months: parseNumbers(parts, "BYMONTH", 1, 12),
    monthDays: parseNumbers(parts, "BYMONTHDAY", -31, 31),
    weekdays: parseWeekdays(parts),
    positions: parseNumbers(parts, "BYSETPOS", -MAX_POSITION, MAX_POSITION),
    weekStart: parseWeekStart(parts),
  };
  const values = [...parts].filter(([name]) => name.startsWith("BY"));
  const count = values.reduce((sum, [, value]) => sum + value.split(",").length, 0);
  if (count > MAX_VALUES) throw new RuleError("rule_not_supported", "");
  checkCombination(rule);
  return rule;
}

/** Return the values of the parts by name, both in upper case. */
function splitParts(text: string): Parts {
  if ([...text].length > MAX_RULE_LENGTH) throw new RuleError("invalid_rule", "");
  const upper = /^[ -~]*$/.test(text) ? text.toUpperCase() : text;
  if (upper.startsWith("RRULE:")) throw new RuleError("invalid_rule", "");
  const parts = new Map<string, string>();
  for (const part of upper.split(";")) {
    const at = part.indexOf("=");
    const [name, value] = [part.slice(0, Math.max(at, 0)), part.slice(at + 1)];
    if (name === "" || value === "") throw new RuleError("invalid_rule", "");
    if (!PARTS.includes(name)) throw new RuleError("rule_not_supported", name);
    if (parts.has(name)) throw new RuleError("invalid_rule", name);
    parts.set(name, value);
  }
  return parts;
}

function parseFrequency(parts: Parts): Frequency {
  const value = parts.get("FREQ");
  if (value === undefined) throw new RuleError("invalid_rule", "FREQ");
  const frequency = FREQUENCIES.find((name) => name === value);
  if (frequency === undefined) throw new RuleError("rule_not_supported", "FREQ");
  return frequency;
}

function parseNumber(parts: Parts, name: string, maximum: number): number | null {
  const value = parts.get(name);
  if (value === undefined) return null;
  const number = /^[0-9]+$/.test(value) ? Number(value) : 0;
  if (number === 0) throw new RuleError("invalid_rule", name);
  if (number > maximum) throw new RuleError("rule_not_supported", name);
  return number;
}

function parseUntil(parts: Parts): Until | null {
  const value = parts.get("UNTIL");
  if (value === undefined) return null;
  const [found, year, month, dayOfMonth, hour, minute, second, zulu] = UNTIL.exec(value) ?? [];
  const day = `${year}-${month}-${dayOfMonth}`;
  const [hours, minutes, seconds] = [Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0)];
  const isTime = hours < 24 && minutes < 60 && seconds < 60;
  if (found === undefined || !isDay(day) || !isTime) throw new RuleError("invalid_rule", "UNTIL");
  const at = toDayNumber(day) * DAY_MS + ((hours * 60 + minutes) * 60 + seconds) * 1000;
  if (zulu !== undefined) return { kind: "utc", at };
  return { kind: hour === undefined ? "date" : "local", at };
}

function listValues(parts: Parts, name: string): string[] {
  return parts.get(name)?.split(",") ?? [];
}

/** Return the numbers of a BY part, which are not 0. */
function parseNumbers(parts: Parts, name: string, low: number, high: number): Set<number> {
  const numbers = listValues(parts, name).map((value) => {
    if (!SIGNED_NUMBER.test(value)) throw new RuleError("invalid_rule", name);
    const number = Number(value);
    if (number === 0 || number < low || number > high) {
      throw new RuleError("rule_not_supported", name);
    }
    return number;
  });
  return new Set(numbers);
}

function parseWeekdays(parts: Parts): Set<number> {
  const weekdays = listValues(parts, "BYDAY").map((value) => {
    const [, digits, name] = WEEKDAY.exec(value) ?? [];
    if (name === undefined) throw new RuleError("invalid_rule", "BYDAY");
    const position = Number(digits ?? 0);
    const isZero = digits !== undefined && position === 0;
    if (isZero || Math.abs(position) > MAX_WEEKDAY_POSITION) {
      throw new RuleError("rule_not_supported", "BYDAY");
    }
    return makeWeekdayKey(position, WEEKDAYS.indexOf(name));
  });
  return new Set(weekdays);
}

function parseWeekStart(parts: Parts): number {
  const weekday = WEEKDAYS.indexOf(parts.get("WKST") ?? "MO");
  if (weekday < 0) throw new RuleError("invalid_rule", "WKST");
  return weekday;
}

/** Check the restrictions of RFC 5545 on parts that exclude or require each other. */
function checkCombination(rule: Rule): void {
  if (rule.count !== null && rule.until !== null) throw new RuleError("invalid_rule", "UNTIL");
  if (rule.frequency === "WEEKLY" && rule.monthDays.size > 0) {
    throw new RuleError("invalid_rule", "BYMONTHDAY");
  }
  const isShort = rule.frequency === "DAILY" || rule.frequency === "WEEKLY";
  if (isShort && [...rule.weekdays].some((key) => key < 0 || key > 6)) {
    throw new RuleError("invalid_rule", "BYDAY");
  }
  if (rule.positions.size > 0 && !hasByParts(rule)) {
    throw new RuleError("invalid_rule", "BYSETPOS");
  }
}
