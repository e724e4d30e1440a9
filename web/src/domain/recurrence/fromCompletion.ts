/** The occurrences of a series whose rule counts from the day of completion. */
import { DAY_MS } from "../days.ts";
import { addPeriods, getEndOfPeriod, LAST_DAY, listDays } from "./days.ts";
import { convertToUtc, findOwnZone, getLocalTime, isDate } from "./localTimes.ts";
import {
  endsBefore,
  getLastDay,
  makeExclusion,
  makeOccurrence,
  type Occurrences,
  type Series,
  toDay,
} from "./occurrence.ts";
import { hasByParts, MAX_YEARS_WITHOUT_OCCURRENCE, makeSimpleRule, type Rule } from "./rules.ts";

/** Yield the occurrences that follow if one is completed on a day, and each of them on its day. */
export function* listFromDay(
  series: Series,
  rule: Rule,
  completed: number,
  zone: string,
): Occurrences {
  const ownZone = findOwnZone(series.dueDate, series.dueTimeZone) ?? zone;
  const isExcluded = makeExclusion(series);
  const timeOfDay = getTimeOfDay(series, zone);
  let day = completed;
  for (let gone = series.gone + 1; rule.count === null || gone < rule.count; gone++) {
    const local = findAfter(rule, day, timeOfDay, isExcluded);
    if (local === null || endsBefore(rule, local, ownZone)) return;
    const occurrence = makeOccurrence(series, series.dueDate, local, gone);
    if (occurrence === null) return;
    yield occurrence;
    day = toDay(local);
  }
}

function findAfter(
  rule: Rule,
  completed: number,
  timeOfDay: number,
  isExcluded: (local: number) => boolean,
): number | null {
  for (const day of listDaysAfter(rule, completed)) {
    const local = day * DAY_MS + timeOfDay;
    if (!isExcluded(local)) return local;
  }
  return null;
}

/**
 * Yield the days on which a task is due again if it was completed on a day.
 *
 * Without BY parts, they are whole intervals after that day. With BY parts, they are the days that
 * the rule selects, counted from the period with that day. If INTERVAL is more than 1, this period
 * is left out.
 */
function* listDaysAfter(rule: Rule, completed: number): Generator<number, void> {
  if (hasByParts(rule)) {
    const after = rule.interval > 1 ? getEndOfPeriod(rule, completed) : completed;
    // Counted from some days, a rule has none: every 7 days on Monday, completed on Tuesday.
    const years = makeSimpleRule("YEARLY", rule.interval);
    const horizon = addPeriods(years, completed, MAX_YEARS_WITHOUT_OCCURRENCE) ?? LAST_DAY;
    yield* listDays(rule, completed, after + 1, Math.min(getLastDay(rule), horizon));
    return;
  }
  for (let number = 1; ; number++) {
    const day = addPeriods(rule, completed, number);
    if (day === null) return;
    yield day;
  }
}

/**
 * Return the local time of day of the due date. When clocks were turned forward, the due date may be
 * later than the local time of the rule.
 */
function getTimeOfDay(series: Series, zone: string): number {
  const due = getLocalTime(series.dueDate, series.dueTimeZone);
  let local = due;
  if (!isDate(series.dueDate) && !isDate(series.at)) {
    const ownZone = findOwnZone(series.dueDate, series.dueTimeZone) ?? zone;
    const at = getLocalTime(series.at, series.dueTimeZone);
    if (convertToUtc(at, ownZone) === convertToUtc(due, ownZone)) local = at;
  }
  return local - toDay(local) * DAY_MS;
}
