/**
 * Moves a series to another kind of due date or to another time zone. The port of `conversion.py`.
 *
 * The start and the current occurrence of a series are local times. If a date gets a time of day,
 * the series gets it too. If the zone changes, its local times change and remain the same instants.
 */
import { DAY_MS } from "../days.ts";
import type { DueFields } from "../due.ts";
import {
  convertToLocal,
  convertToUtc,
  findOwnZone,
  getLocalTime,
  getOccurrenceId,
  isDate,
  isInRange,
  type OwnZone,
  writeOccurrenceId,
  writeStart,
} from "./localTimes.ts";
import { toDay } from "./occurrence.ts";

/** The position of a task in its series. */
export interface SeriesPosition {
  /** The due date from which the rule counts. */
  readonly start: string;
  /** The id of the current occurrence. */
  readonly at: string;
}

/** A due date that is set, and the zone of the task. */
export interface SetDue extends DueFields {
  readonly due_date: string;
}

/** Return the position at the begin of a series: its first occurrence is the due date. */
export function startPosition(due: SetDue): SeriesPosition {
  return { start: due.due_date, at: getOccurrenceId(due.due_date, due.due_time_zone) };
}

/**
 * Return the position after a change of the due date or of its time zone.
 *
 * If the kind of the due date and its zone stay the same, so does the position: the new due date
 * only moves the current occurrence.
 */
export function convertPosition(
  position: SeriesPosition,
  before: SetDue,
  after: SetDue,
): SeriesPosition {
  const oldZone = findOwnZone(before.due_date, before.due_time_zone);
  const newZone = findOwnZone(after.due_date, after.due_time_zone);
  if (isDate(position.at) === isDate(after.due_date) && oldZone === newZone) return position;
  const move = (text: string) => {
    const local = convert(text, before.due_time_zone, oldZone, newZone);
    if (!isDate(position.at) || isDate(after.due_date)) return local;
    const time = getLocalTime(after.due_date, after.due_time_zone);
    return toDay(local) * DAY_MS + time - toDay(time) * DAY_MS;
  };
  return {
    start: writeStart(move(position.start), after.due_date, after.due_time_zone),
    at: writeOccurrenceId(after.due_date, move(position.at)),
  };
}

/** Return the new local time of an occurrence: the same instant, if both zones are known. */
function convert(
  text: string,
  taskZone: string | null,
  oldZone: OwnZone | null,
  newZone: OwnZone | null,
): number {
  const local = getLocalTime(text, taskZone);
  if (isDate(text) || oldZone === null || newZone === null || oldZone === newZone) return local;
  const moved = convertToLocal(convertToUtc(local, oldZone), newZone);
  return isInRange(moved) ? moved : local;
}
