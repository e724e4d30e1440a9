/**
 * Days and points in time of filters as ranges, and the times of tasks that they are compared with.
 * The port of `domain/time_ranges.py`.
 *
 * Times are milliseconds, with microseconds as their fraction.
 */
import { DAY_MS } from "../days.ts";
import { type Due, findDue } from "../due.ts";
import { toInstant, toLocal } from "../zones.ts";

/** The time of a due date, or of another time of a task. */
export interface Time {
  readonly kind: Due["kind"];
  /** In UTC for an instant, otherwise the local time as if it were in UTC. */
  readonly at: number;
}

/** A range; the ends are excluded. Instants are compared with the first pair. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
  /** The same in local time, as if it were in UTC. */
  readonly localStart: number;
  readonly localEnd: number;
}

const END_MS = 2_932_897 * DAY_MS;
const MAX_TIMES = 500_000;
const times = new Map<string, Time | null>();

/**
 * Return the range of a day (from midnight to midnight), or of a point in time (a microsecond).
 *
 * @param zone - the time zone of days and of times without an offset.
 * @throws RangeError if the text is none of them.
 */
export function makeTimeRange(text: string, zone: string): TimeRange {
  const due = findDue(text, null);
  if (due === null) throw new RangeError(`${text} is not a date or a date-time.`);
  // Midnight of the first day is clamped to the first microsecond.
  const first = due.kind === "date" ? Math.floor(due.at / DAY_MS) * DAY_MS : getTime(due);
  const last =
    due.kind === "date"
      ? Math.min(first + DAY_MS, END_MS - 0.001)
      : due.at + (due.micros + 1) / 1000;
  if (due.kind === "instant") {
    return {
      start: first,
      end: last,
      localStart: convert(first, zone),
      localEnd: convert(last, zone),
    };
  }
  const [start, end] = [toInstant(first, zone), toInstant(last, zone)];
  return { start, end, localStart: first, localEnd: last };
}

/**
 * Read a due date or another time of a task; null if the text is none. Times are remembered, because
 * a filter is evaluated again after each letter that a person types.
 *
 * @param zone - the IANA zone of a local time: the field `due_time_zone`.
 */
export function readTime(text: string, zone: string | null): Time | null {
  const key = zone === null ? text : `${text} ${zone}`;
  let time = times.get(key);
  if (time === undefined) {
    const due = findDue(text, zone);
    time = due === null ? null : { kind: due.kind, at: getTime(due) };
    if (times.size >= MAX_TIMES) times.clear();
    times.set(key, time);
  }
  return time;
}

function getTime(due: Due): number {
  return due.at + due.micros / 1000;
}

function convert(instant: number, zone: string): number {
  return toLocal(Math.floor(instant), zone) + (instant - Math.floor(instant));
}
