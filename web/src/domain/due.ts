/**
 * Due dates: the port of `domain/due_dates.py` of the server, and what the app shows of them.
 *
 * There are three kinds. A date, `2026-12-01`, and a local time, `2026-12-01T09:00:00`, are due at
 * that time in each reader's time zone. An instant, `2026-12-01T09:00:00+01:00`, is due at the same
 * point in time for all readers. A local time with a `due_time_zone` is an instant too.
 */
import { DAY_MS, type Day, fromDayNumber, isDay, toDayNumber } from "./days.ts";
import type { Status } from "./rows.ts";
import { isZone, toInstant, toLocal } from "./zones.ts";

/** As on the server: `floating` is a local time. */
export type DueKind = "date" | "floating" | "instant";

/** A due date that was read. */
export interface Due {
  /** The notation, as in the field `due_date`. */
  readonly text: string;
  readonly kind: DueKind;
  /**
   * The time by which the server sorts and filters, in milliseconds. Of an instant, it is the time
   * in UTC. Of the other kinds, it is the local time (midnight for a date) as if it were in UTC.
   */
  readonly at: number;
  /** The microseconds after `at`, from 0 to 999. */
  readonly micros: number;
}

/** The fields of a task that say when it is due. */
export interface DueFields {
  readonly due_date: string | null;
  /** An IANA name. A name that the browser does not know counts as null. */
  readonly due_time_zone: string | null;
}

/** The current time for a person. Made once for many rows. */
export interface Now {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly instant: number;
  /** The time zone of the person. */
  readonly zone: string;
  /** The local time in milliseconds, as if it were in UTC. */
  readonly local: number;
  readonly today: Day;
}

const MINUTE_MS = 60_000;
const DATE_LENGTH = "2026-12-01".length;
const PATTERN =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(?:(Z)|([+-])([0-9]{2}):([0-9]{2}))?)?$/;
/** The years 1 to 9999. */
const FIRST_MS = -719_162 * DAY_MS;
const END_MS = 2_932_897 * DAY_MS;
const dues = new WeakMap<DueFields, Due | null>();

/** Return the current time for a person in a zone. @throws RangeError if the zone is unknown. */
export function makeNow(instant: number, zone: string): Now {
  const local = toLocal(instant, zone);
  return { instant, zone, local, today: fromDayNumber(Math.floor(local / DAY_MS)) };
}

/**
 * Read a due date; null if the text is none of the three kinds, or the day or time does not exist.
 *
 * @param zone - the IANA zone of a local time: the field `due_time_zone`.
 */
export function findDue(text: string, zone: string | null): Due | null {
  const found = PATTERN.exec(text);
  const day = found?.[1];
  if (found === null || day === undefined || !isDay(day)) return null;
  const midnight = toDayNumber(day) * DAY_MS;
  if (found[2] === undefined) return clamp(text, "date", midnight, 0);
  const [hour, minute, second] = [Number(found[2]), Number(found[3]), Number(found[4] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return null;
  const fraction = (found[5] ?? "").slice(0, 6).padEnd(6, "0");
  const time = ((hour * 60 + minute) * 60 + second) * 1000 + Number(fraction.slice(0, 3));
  const [local, micros] = [midnight + time, Number(fraction.slice(3))];
  if (found[6] === undefined && found[7] === undefined) {
    if (zone === null || !isZone(zone)) return clamp(text, "floating", local, micros);
    return clamp(text, "instant", toInstant(local, zone), micros);
  }
  const [hours, minutes] = [Number(found[8] ?? 0), Number(found[9] ?? 0)];
  if (hours > 23 || minutes > 59) return null;
  const offset = (hours * 60 + minutes) * (found[7] === "-" ? -MINUTE_MS : MINUTE_MS);
  const at = local - offset;
  return at < FIRST_MS || at >= END_MS ? null : clamp(text, "instant", at, micros);
}

/**
 * Read the due date of a task; null if it has none, or none that {@link findDue} accepts.
 *
 * It is read once for each row, because rows never change: a changed task is another row.
 */
export function getDue(task: DueFields): Due | null {
  if (task.due_date === null) return null;
  let due = dues.get(task);
  if (due === undefined) {
    due = findDue(task.due_date, task.due_time_zone);
    dues.set(task, due);
  }
  return due;
}

/** Return the day on which a task is due for a person in a zone; null if it has no due date. */
export function findDueDay(task: DueFields, zone: string): Day | null {
  // Most due dates are dates, which need not be read.
  if (task.due_date?.length === DATE_LENGTH) return task.due_date;
  const due = getDue(task);
  return due === null ? null : getDueDay(due, zone);
}

/** Return the day of a due date for a person in a zone. */
export function getDueDay(due: Due, zone: string): Day {
  if (due.kind !== "instant") return due.text.slice(0, 10);
  return fromDayNumber(Math.floor(clampTime(toLocal(due.at, zone)) / DAY_MS));
}

/** Return the time of day for a person in a zone, as `09:00`; null for a date. */
export function getDueTime(due: Due, zone: string): string | null {
  if (due.kind === "date") return null;
  if (due.kind === "floating") return due.text.slice(11, 16);
  return formatTime(toLocal(due.at, zone));
}

/** Return whether a task is late: open, and due before now, or as a date before today. */
export function isOverdue(task: DueFields & { readonly status: Status }, now: Now): boolean {
  if (task.status === "done" || task.status === "cancelled") return false;
  const due = getDue(task);
  return due !== null && isOver(due, now);
}

/** Return whether a due date is before now; a date, whether it is before today. */
export function isOver(due: Due, now: Now): boolean {
  if (due.kind === "date") return due.text < now.today;
  return due.at < (due.kind === "instant" ? now.instant : now.local);
}

/**
 * Compare two due dates as the server sorts them in ascending order: negative if the first is
 * earlier. Tasks without a due date are last, in both directions of a sort: the caller reverses
 * only the order of tasks with a due date.
 */
export function compareDue(one: Due, other: Due): number {
  return one.at - other.at || one.micros - other.micros;
}

/** Return `HH:MM` of a local time in milliseconds. */
export function formatTime(local: number): string {
  const minutes = Math.floor((local - Math.floor(local / DAY_MS) * DAY_MS) / MINUTE_MS);
  const pad = (number: number) => String(number).padStart(2, "0");
  return `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

/** Python's limits: the first and the last microsecond mean infinity to a driver of the server. */
function clamp(text: string, kind: DueKind, at: number, micros: number): Due {
  if (at < FIRST_MS || (at === FIRST_MS && micros < 1)) {
    return { text, kind, at: FIRST_MS, micros: 1 };
  }
  if (at >= END_MS || (at === END_MS - 1 && micros > 998)) {
    return { text, kind, at: END_MS - 1, micros: 998 };
  }
  return { text, kind, at, micros };
}

function clampTime(local: number): number {
  return Math.min(Math.max(local, FIRST_MS), END_MS - 1);
}
