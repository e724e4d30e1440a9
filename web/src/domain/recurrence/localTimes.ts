/**
 * Local times of occurrences: read from due dates, and written as due dates. The port of
 * `local_times.py`.
 *
 * Rules use local times without a zone: midnight for a date, the local time in the zone of the task
 * for an instant, or at the instant's own offset if the task has no zone. They are milliseconds, as
 * if they were in UTC, and have whole seconds. They identify occurrences, as RECURRENCE-ID does.
 */
import { DAY_MS, isDay, toDayNumber } from "../days.ts";
import { writeInstant } from "../dueChanges.ts";
import { isZone, toInstant, toLocal } from "../zones.ts";
import { FIRST_DAY, LAST_DAY } from "./days.ts";

/** The name of an IANA zone, or an offset from UTC in milliseconds. */
export type OwnZone = string | number;

const MINUTE_MS = 60_000;
const MINUTE_LENGTH = "2026-12-01T09:00".length;
const FIRST_MS = FIRST_DAY * DAY_MS;
const END_MS = (LAST_DAY + 1) * DAY_MS;
const PATTERN =
  /^([0-9-]{10})(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?(?:(Z)|([+-])([0-9]{2}):([0-9]{2}))?)?$/;
const FRACTION = /\.[0-9]+/;
const OFFSET = /(?:Z|[+-][0-9]{2}:[0-9]{2})$/;

/** Return whether a due date or an occurrence id has no time. */
export function isDate(text: string): boolean {
  return text.length === 10;
}

/** Return whether a due date is an instant: it has a time, and an offset or a time zone. */
export function isInstant(dueDate: string, dueTimeZone: string | null): boolean {
  return findOwnZone(dueDate, dueTimeZone) !== null;
}

/** Return the zone or the offset of a due date; null for a date and for a floating time. */
export function findOwnZone(dueDate: string, dueTimeZone: string | null): OwnZone | null {
  if (isDate(dueDate)) return null;
  if (dueTimeZone !== null && isZone(dueTimeZone)) return dueTimeZone;
  return read(dueDate).offset;
}

/**
 * Return the local time of a due date or of an occurrence id; midnight for a date.
 *
 * @throws RangeError if the text is neither.
 */
export function getLocalTime(text: string, dueTimeZone: string | null): number {
  const { local, offset } = read(text);
  if (offset === null || dueTimeZone === null || !isZone(dueTimeZone)) return local;
  const instant = local - offset;
  const converted = toLocal(instant, dueTimeZone);
  // On the first and the last day of the calendar, the own offset is used.
  return isInRange(instant) && isInRange(converted) ? converted : local;
}

/** Return the instant of a local time, clamped to the years 1 to 9999. */
export function convertToUtc(local: number, zone: OwnZone): number {
  const instant = typeof zone === "number" ? local - zone : toInstant(local, zone);
  return Math.min(Math.max(instant, FIRST_MS + 0.001), END_MS - 0.002);
}

/** Return the local time of an instant in a zone or at an offset. */
export function convertToLocal(instant: number, zone: OwnZone): number {
  return typeof zone === "number" ? instant + zone : toLocal(instant, zone);
}

/** Return whether a time is in the years 1 to 9999. */
export function isInRange(time: number): boolean {
  return time >= FIRST_MS && time < END_MS;
}

/**
 * Return the id of the occurrence that is due at a time: the local date or the local time, such as
 * `2026-11-30` or `2026-11-30T09:00:00`.
 */
export function getOccurrenceId(dueDate: string, dueTimeZone: string | null): string {
  return writeOccurrenceId(dueDate, getLocalTime(dueDate, dueTimeZone));
}

/** Return the id of the occurrence at a local time, as a date if the series has dates. */
export function writeOccurrenceId(start: string, local: number): string {
  return write(local).slice(0, isDate(start) ? 10 : 19);
}

/** Return the start of a series at a local time, in the notation of a due date. */
export function writeStart(local: number, dueDate: string, dueTimeZone: string | null): string {
  const hasOffset = !isDate(dueDate) && !dueTimeZone;
  return writeOccurrenceId(dueDate, local) + (hasOffset ? getOffsetText(dueDate) : "");
}

/**
 * Write the local time of an occurrence as a due date.
 *
 * @param start - the start of the series. It decides whether the result has a time, and at which
 *   offset the local time is if the task has no zone.
 * @param like - the due date whose notation is kept: `Z`, offset or local time, with or without
 *   seconds, and the fraction. If the start is not convertible to it, its notation is kept.
 * @throws RangeError if the result is before the year 1 or after the year 9999.
 */
export function writeDueDate(
  local: number,
  start: string,
  like: string,
  dueTimeZone: string | null,
): string {
  if (isDate(start)) return write(local).slice(0, 10);
  const zone = dueTimeZone !== null && isZone(dueTimeZone) ? dueTimeZone : null;
  const [ofLike, ofStart] = [getOffsetText(like), getOffsetText(start)];
  const isUnlike = isDate(like) || (zone === null && (ofLike === "") !== (ofStart === ""));
  const notation = isUnlike ? start : like;
  if (getOffsetText(notation) === "") return writeLike(local, notation);
  if (zone !== null) return writeInstant(notation, local, zone);
  const instant = local - (read(start).offset ?? 0);
  const moved = instant + (read(notation).offset ?? 0);
  if (!isInRange(instant) || !isInRange(moved)) throw new RangeError("The time is out of range.");
  return writeLike(moved, notation);
}

/** Return the offset of a due date as text; empty if it has none. */
function getOffsetText(dueDate: string): string {
  return OFFSET.exec(dueDate.slice(10))?.[0] ?? "";
}

/**
 * Write a time with the fraction and the offset of a text, and without seconds if it has none.
 * Seconds other than 0 are always written.
 */
function writeLike(local: number, like: string): string {
  const offset = getOffsetText(like);
  const hasSeconds = like.length - offset.length > MINUTE_LENGTH || local % MINUTE_MS !== 0;
  const fraction = FRACTION.exec(like)?.[0] ?? "";
  return write(local).slice(0, hasSeconds ? 19 : 16) + fraction + offset;
}

function write(local: number): string {
  if (!isInRange(local)) throw new RangeError("The time is out of range.");
  return new Date(local).toISOString();
}

/** Return the time of a text without its fraction, and its offset from UTC in milliseconds. */
function read(text: string): { local: number; offset: number | null } {
  const [, day, hour, minute, second, zulu, sign, hours, minutes] = PATTERN.exec(text) ?? [];
  if (day === undefined || !isDay(day)) throw new RangeError(`${text} is not a due date.`);
  const time = (Number(hour ?? 0) * 60 + Number(minute ?? 0)) * 60 + Number(second ?? 0);
  const local = toDayNumber(day) * DAY_MS + time * 1000;
  if (zulu !== undefined) return { local, offset: 0 };
  if (sign === undefined) return { local, offset: null };
  const size = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
  return { local, offset: sign === "-" && size > 0 ? -size : size };
}
