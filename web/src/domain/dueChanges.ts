/** Moves due dates to other days. The kind, the notation and the time of day stay the same. */
import { addDays, countDays, DAY_MS, type Day } from "./days.ts";
import { type DueFields, findDue, getDue, getDueDay } from "./due.ts";
import { isZone, toInstant, toLocal } from "./zones.ts";

const MINUTE_MS = 60_000;
const FRACTION = /\.[0-9]+/;

/**
 * Shift a due date by days, as the server does.
 *
 * @param text - a due date.
 * @param zone - the IANA zone that determines the time of day of an instant; null for the offset of
 *   the due date.
 * @throws RangeError if the text is no due date, or the result is out of range.
 */
export function shiftDue(text: string, days: number, zone: string | null): string {
  const due = findDue(text, null);
  if (due === null) throw new RangeError(`${text} is not a due date.`);
  if (due.kind !== "instant" || zone === null || !isZone(zone)) {
    return addDays(text.slice(0, 10), days) + text.slice(10);
  }
  const seconds = Math.floor(due.at / 1000) * 1000;
  return writeInstant(text, toLocal(seconds, zone) + days * DAY_MS, zone);
}

/**
 * Return the due date of a task moved to a day of a person. Without a due date that the app can read,
 * it is that day.
 *
 * An instant keeps its time of day in the zone of the task, or else in the zone of the person.
 *
 * @param zone - the time zone of the person.
 * @throws RangeError as {@link shiftDue}.
 */
export function moveDueToDay(task: DueFields, day: Day, zone: string): string {
  let moved = task.due_date;
  if (moved === null) return day;
  const own = task.due_time_zone !== null && isZone(task.due_time_zone) ? task.due_time_zone : zone;
  // In another zone, the same time of day may be on the day before or after it, if the clocks of
  // only one of the zones change. The second step corrects it.
  for (let step = 0; step < 2; step++) {
    const due = getDue({ due_date: moved, due_time_zone: task.due_time_zone });
    if (due === null) return day;
    const days = countDays(getDueDay(due, zone), day);
    if (days === 0) break;
    moved = shiftDue(moved, days, own);
  }
  return moved;
}

/**
 * Write a local time in a zone as an instant, in the notation of another due date.
 *
 * @param like - an instant with an offset. `Z` remains `Z`, and the fraction is preserved.
 * @param local - the local time in milliseconds, as if it were in UTC, without a fraction.
 * @throws RangeError if the result is before the year 1 or after the year 9999.
 */
export function writeInstant(like: string, local: number, zone: string): string {
  const fraction = FRACTION.exec(like)?.[0] ?? "";
  const instant = toInstant(local, zone);
  if (like.endsWith("Z")) return `${writeTime(instant)}${fraction}Z`;
  // Historical offsets have seconds. RFC 3339, section 5.8, writes the closest minute.
  const minutes = roundHalfEven((toLocal(instant, zone) - instant) / MINUTE_MS);
  return writeTime(instant + minutes * MINUTE_MS) + fraction + writeOffset(minutes);
}

function writeTime(local: number): string {
  const day = addDays("1970-01-01", Math.floor(local / DAY_MS));
  return `${day}T${new Date(local).toISOString().slice(-13, -5)}`;
}

function writeOffset(minutes: number): string {
  const pad = (number: number) => String(number).padStart(2, "0");
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

/** Round as Python does, so that -44.5 is -44. */
function roundHalfEven(number: number): number {
  const floor = Math.floor(number);
  const rest = number - floor;
  if (rest !== 0.5) return Math.round(number);
  return floor % 2 === 0 ? floor : floor + 1;
}
