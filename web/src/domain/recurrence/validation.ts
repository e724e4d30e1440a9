/** Checks of a recurrence rule with the due date from which it counts. The port of `validation.py`. */
import { DAY_MS } from "../days.ts";
import { addPeriods, LAST_DAY, listDays } from "./days.ts";
import { findOwnZone, getLocalTime, isInstant } from "./localTimes.ts";
import { endsBefore, getLastDay, toDay } from "./occurrence.ts";
import {
  MAX_YEARS_WITHOUT_OCCURRENCE,
  makeSimpleRule,
  parseRule,
  type Rule,
  RuleError,
  type RuleErrorCode,
} from "./rules.ts";

/** Why a rule cannot be used. */
export interface RuleProblem {
  readonly code: RuleErrorCode;
  /** The name of the part that is wrong, such as `BYDAY`; empty for the whole rule. */
  readonly part: string;
}

/**
 * Check that a rule is valid and supported, and has an occurrence after a due date.
 *
 * @returns null if it is, otherwise `invalid_rule` or `rule_not_supported` (see `parseRule`);
 *   `invalid_rule` if UNTIL is not in UTC for an instant, or in UTC for a date or a floating time;
 *   `rule_never` if the rule has no occurrence in the 12 years after the due date.
 */
export function checkRule(
  text: string,
  dueDate: string,
  dueTimeZone: string | null,
): RuleProblem | null {
  return check(text, dueDate, dueTimeZone, (rule) => hasOccurrence(rule, dueDate, dueTimeZone));
}

/**
 * Check a rule like {@link checkRule}, but without an occurrence after the due date: for a due date
 * that only moves the current occurrence.
 */
export function checkUntil(
  text: string,
  dueDate: string,
  dueTimeZone: string | null,
): RuleProblem | null {
  return check(text, dueDate, dueTimeZone, () => true);
}

function check(
  text: string,
  dueDate: string,
  dueTimeZone: string | null,
  hasNext: (rule: Rule) => boolean,
): RuleProblem | null {
  try {
    const rule = parseRule(text);
    if (!fitsUntil(rule, dueDate, dueTimeZone)) return { code: "invalid_rule", part: "UNTIL" };
    return hasNext(rule) ? null : { code: "rule_never", part: "" };
  } catch (error) {
    if (error instanceof RuleError) return { code: error.code, part: error.part };
    throw error;
  }
}

/** Return whether UNTIL is in UTC exactly if a due date is an instant (RFC 5545, 3.3.10). */
function fitsUntil({ until }: Rule, dueDate: string, dueTimeZone: string | null): boolean {
  return until === null || isInstant(dueDate, dueTimeZone) === (until.kind === "utc");
}

function hasOccurrence(rule: Rule, dueDate: string, dueTimeZone: string | null): boolean {
  const local = getLocalTime(dueDate, dueTimeZone);
  const start = toDay(local);
  const years = makeSimpleRule("YEARLY");
  const horizon = addPeriods(years, start, MAX_YEARS_WITHOUT_OCCURRENCE) ?? LAST_DAY;
  const last = Math.min(getLastDay(rule), horizon);
  if (last < start) return false;
  const day = listDays(rule, start, start, last).next().value;
  if (day === undefined) return false;
  const zone = findOwnZone(dueDate, dueTimeZone) ?? "UTC";
  return !endsBefore(rule, day * DAY_MS + local - start * DAY_MS, zone);
}
