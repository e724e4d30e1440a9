/**
 * Series of occurrences: the next due date of a repeating task that is completed or skipped. The
 * port of `series.py`.
 *
 * - `schedule`: the next occurrence of the rule that is not in the past.
 * - `each`: the next occurrence of the rule, even if it is in the past.
 * - `completion`: the rule counts from the day of completion.
 *
 * The rule applies to local times without a zone. The result is converted back to a due date, so
 * that 09:00 remains 09:00 when clocks change.
 */
import { isZone } from "../zones.ts";
import { listFromDay } from "./fromCompletion.ts";
import { listFromRule } from "./fromRule.ts";
import { convertToLocal, getLocalTime } from "./localTimes.ts";
import { type Occurrence, type Series, toDay } from "./occurrence.ts";
import { parseRule } from "./rules.ts";

/**
 * Return the next occurrence after the current one is completed; null if none is left.
 *
 * @param now - the instant of the completion, in milliseconds.
 * @param zone - the zone of the person, for dates and floating times.
 * @throws RuleError if the rule is invalid or not supported.
 */
export function completeOccurrence(series: Series, now: number, zone: string): Occurrence | null {
  const rule = parseRule(series.rule);
  const following =
    series.mode === "completion"
      ? listFromDay(series, rule, getToday(series, now, zone), zone)
      : listFromRule(series, rule, series.mode === "schedule" ? now : null, zone);
  return following.next().value ?? null;
}

/**
 * Return the next occurrence after the current one is skipped; null if none is left.
 *
 * It may be in the past. In the mode `completion`, the rule counts from the due date, or from the
 * occurrence if the due date was moved to an earlier day.
 *
 * @throws RuleError as {@link completeOccurrence}.
 */
export function skipOccurrence(series: Series, zone: string): Occurrence | null {
  const rule = parseRule(series.rule);
  if (series.mode !== "completion") {
    return listFromRule(series, rule, null, zone).next().value ?? null;
  }
  const days = [series.dueDate, series.at].map((text) =>
    toDay(getLocalTime(text, series.dueTimeZone)),
  );
  return listFromDay(series, rule, Math.max(...days), zone).next().value ?? null;
}

/**
 * Return up to `count` occurrences after the current one, as if each were completed on time.
 *
 * The current occurrence is completed now if it is overdue. In the mode `each`, the next ones may be
 * in the past. In the mode `completion`, each is completed on the day when it is due.
 *
 * @throws RuleError as {@link completeOccurrence}.
 */
export function listNext(series: Series, now: number, zone: string, count: number): Occurrence[] {
  const rule = parseRule(series.rule);
  const found: Occurrence[] = [];
  const due = toDay(getLocalTime(series.dueDate, series.dueTimeZone));
  const following =
    series.mode === "completion"
      ? listFromDay(series, rule, Math.max(getToday(series, now, zone), due), zone)
      : listFromRule(series, rule, series.mode === "schedule" ? now : null, zone);
  while (found.length < count) {
    const next = following.next();
    if (next.done === true) break;
    found.push(next.value);
  }
  return found;
}

/** Return the day of a completion in the zone of the task, otherwise of the person. */
function getToday(series: Series, now: number, zone: string): number {
  const { dueTimeZone } = series;
  return toDay(
    convertToLocal(now, dueTimeZone !== null && isZone(dueTimeZone) ? dueTimeZone : zone),
  );
}
