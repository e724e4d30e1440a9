/** The occurrences of a series whose rule counts from its start: the modes `schedule` and `each`. */
import { DAY_MS } from "../days.ts";
import { FIRST_DAY, listDays } from "./days.ts";
import { convertToLocal, convertToUtc, findOwnZone, getLocalTime, isDate } from "./localTimes.ts";
import {
  endsBefore,
  getLastDay,
  makeExclusion,
  makeOccurrence,
  type Occurrences,
  type Series,
  toDay,
} from "./occurrence.ts";
import type { Rule } from "./rules.ts";

/** Occurrences that were passed over longer ago are not counted if the rule has no COUNT. */
const COUNTED_DAYS = 1000;

/** Yield the occurrences after the current one. Those that are not after `since` are passed over. */
export function* listFromRule(
  series: Series,
  rule: Rule,
  since: number | null,
  zone: string,
): Occurrences {
  const ownZone = findOwnZone(series.start, series.dueTimeZone) ?? zone;
  const today = since === null ? null : toDay(convertToLocal(since, ownZone));
  const isExcluded = makeExclusion(series);
  for (const [gone, local] of listLocalTimes(series, rule, today)) {
    if (endsBefore(rule, local, ownZone)) return;
    if (isExcluded(local)) continue;
    if (since !== null && today !== null) {
      // Instants are compared, because local times repeat or do not occur when clocks change.
      const isPast = isDate(series.start)
        ? toDay(local) <= today
        : convertToUtc(local, ownZone) <= since;
      if (isPast) continue;
    }
    const occurrence = makeOccurrence(series, series.start, local, gone);
    if (occurrence === null) return;
    yield occurrence;
  }
}

/**
 * Yield the local times of the rule after the current occurrence, each with the number of
 * occurrences before it. Exceptions are included.
 */
function* listLocalTimes(
  series: Series,
  rule: Rule,
  today: number | null,
): Generator<[number, number], void> {
  const start = getLocalTime(series.start, series.dueTimeZone);
  const timeOfDay = start - toDay(start) * DAY_MS;
  let at = getLocalTime(series.at, series.dueTimeZone);
  if (isDate(series.at) || isDate(series.start)) at = toDay(at) * DAY_MS + timeOfDay;
  let after = toDay(at);
  if (today !== null && rule.count === null) after = Math.max(after, today - COUNTED_DAYS);
  const first = Math.max(after, FIRST_DAY);
  let gone = getGone(series, rule, start, at) + 1;
  for (const day of listDays(rule, toDay(start), first, getLastDay(rule))) {
    const local = day * DAY_MS + timeOfDay;
    if (local <= at) continue;
    if (rule.count !== null && gone >= rule.count) return;
    yield [gone, local];
    gone += 1;
  }
}

/**
 * Return the number of occurrences before the current one. It is counted if it matters and is not
 * given. The start is the first occurrence.
 */
function getGone(series: Series, rule: Rule, start: number, at: number): number {
  if (series.gone !== 0 || rule.count === null || at <= start) return series.gone;
  const startDay = toDay(start);
  const timeOfDay = start - startDay * DAY_MS;
  let counted = 0;
  for (const day of listDays(rule, startDay, startDay + 1)) {
    if (day * DAY_MS + timeOfDay >= at || counted >= rule.count) break;
    counted += 1;
  }
  return 1 + counted;
}
