/**
 * Conversion between instants and local times of an IANA time zone.
 *
 * Instants are milliseconds since 1970-01-01T00:00:00Z. Local times are milliseconds too, as if the
 * local time were in UTC, like the sort column of due dates on the server.
 *
 * `Intl` is the only source of time zones, and a call takes microseconds. So the offsets of a zone
 * are cached by periods of about six days: ten thousand rows need a few hundred calls.
 */
import { DAY_MS, type Day, fromDayNumber, toDayNumber } from "./days.ts";

/** The offset within a period. It changes once at most: no zone has had two changes in a week. */
interface Period {
  readonly before: number;
  /** The instant of the change; infinite if there is none. */
  readonly change: number;
  readonly after: number;
}

interface Zone {
  readonly format: Intl.DateTimeFormat;
  readonly periods: Map<number, Period>;
}

const PERIOD_MS = 2 ** 29;
const SECOND_MS = 1000;
const OFFSET = /GMT(?:([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?$/;
const zones = new Map<string, Zone | null>();

/** Return whether the browser knows the time zone, for example `Europe/Berlin`. */
export function isZone(name: string): boolean {
  return findZone(name) !== null;
}

/**
 * Return the offset from UTC in milliseconds; positive east of Greenwich.
 *
 * @throws RangeError if the browser does not know the zone.
 */
export function getOffset(instant: number, zone: string): number {
  const found = findZone(zone);
  if (found === null) throw new RangeError(`The time zone ${zone} is unknown.`);
  const number = Math.floor(instant / PERIOD_MS);
  let period = found.periods.get(number);
  if (period === undefined) {
    period = readPeriod(found.format, number * PERIOD_MS);
    found.periods.set(number, period);
  }
  return instant < period.change ? period.before : period.after;
}

/** Return the local time of an instant. @throws RangeError as {@link getOffset}. */
export function toLocal(instant: number, zone: string): number {
  return instant + getOffset(instant, zone);
}

/**
 * Return the instant of a local time, as specified by RFC 5545, section 3.3.5.
 *
 * When clocks are turned back, some local times occur twice: the first occurrence is used. When
 * clocks are turned forward, some do not occur: the offset before the change is used.
 *
 * @throws RangeError as {@link getOffset}.
 */
export function toInstant(local: number, zone: string): number {
  const before = getOffset(local - DAY_MS, zone);
  const after = getOffset(local + DAY_MS, zone);
  if (before === after || getOffset(local - before, zone) === before) return local - before;
  return getOffset(local - after, zone) === after ? local - after : local - before;
}

/** Return the day of an instant in a zone. @throws RangeError as {@link getOffset}. */
export function getDay(instant: number, zone: string): Day {
  return fromDayNumber(Math.floor(toLocal(instant, zone) / DAY_MS));
}

/**
 * Return the instant at which a day begins in a zone: midnight, or the end of the gap if midnight
 * does not occur. @throws RangeError as {@link getOffset}.
 */
export function getDayStart(day: Day, zone: string): number {
  return toInstant(toDayNumber(day) * DAY_MS, zone);
}

function findZone(name: string): Zone | null {
  let zone = zones.get(name);
  if (zone === undefined) {
    zone = openZone(name);
    zones.set(name, zone);
  }
  return zone;
}

function openZone(name: string): Zone | null {
  // Intl also accepts offsets as names of zones. The server does not.
  if (!/^[A-Za-z]/.test(name)) return null;
  try {
    const format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
    return { format, periods: new Map() };
  } catch {
    return null;
  }
}

function readPeriod(format: Intl.DateTimeFormat, start: number): Period {
  const before = readOffset(format, start);
  let high = start + PERIOD_MS;
  const after = readOffset(format, high);
  if (before === after) return { before, change: Number.POSITIVE_INFINITY, after };
  let low = start;
  // Offsets change at whole seconds.
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (readOffset(format, middle) === before) low = middle;
    else high = middle;
  }
  return { before, change: Math.round(high / SECOND_MS) * SECOND_MS, after };
}

function readOffset(format: Intl.DateTimeFormat, instant: number): number {
  const found = OFFSET.exec(format.format(instant));
  const [, sign, hours, minutes, seconds] = found ?? [];
  if (sign === undefined) return 0;
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0);
  return (sign === "-" ? -total : total) * SECOND_MS;
}
