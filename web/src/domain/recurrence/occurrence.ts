/** A series of occurrences and its state, and what both ways to continue it need. */
import { DAY_MS } from "../days.ts";
import type { RepeatMode } from "../rows.ts";
import { LAST_DAY } from "./days.ts";
import {
  convertToUtc,
  getLocalTime,
  isDate,
  type OwnZone,
  writeDueDate,
  writeOccurrenceId,
} from "./localTimes.ts";
import type { Rule } from "./rules.ts";

/** The repeating task whose current occurrence is completed or skipped. */
export interface Series {
  readonly rule: string;
  readonly mode: RepeatMode;
  /**
   * The due date from which the rule counts. With COUNT, it is the first occurrence even if it does
   * not match the rule. It decides whether the occurrences have a time (`schedule` and `each`; the
   * due date does so for `completion`).
   */
  readonly start: string;
  /** The current due date. It differs from the occurrence if it was moved. */
  readonly dueDate: string;
  readonly dueTimeZone: string | null;
  /** The id of the occurrence that the due date stands for, or a due date. */
  readonly at: string;
  /** The number of occurrences before the current one. */
  readonly gone: number;
  /** The ids of occurrences that are passed over. A date excludes its whole day. */
  readonly exceptions: readonly string[];
}

/** The state of a series at an occurrence. */
export interface Occurrence {
  /** The due date, in the notation of the previous one. */
  readonly dueDate: string;
  /** The id of the occurrence, which is its local time in the rule. */
  readonly at: string;
  /** The number of occurrences before this one; see the server for those that were passed over. */
  readonly gone: number;
}

/** Occurrences in order. It may be endless. */
export type Occurrences = Generator<Occurrence, void>;

/** Return a day after which no occurrence can be. In some zones, it is the day after UNTIL. */
export function getLastDay(rule: Rule): number {
  return rule.until === null ? LAST_DAY : Math.min(toDay(rule.until.at) + 1, LAST_DAY);
}

/** Return whether UNTIL is before the local time of an occurrence in a zone. */
export function endsBefore(rule: Rule, local: number, zone: OwnZone): boolean {
  const { until } = rule;
  if (until === null) return false;
  if (until.kind === "date") return toDay(until.at) < toDay(local);
  return until.at < (until.kind === "utc" ? convertToUtc(local, zone) : local);
}

/** Return the day of a local time, as a number. */
export function toDay(local: number): number {
  return Math.floor(local / DAY_MS);
}

/** Return an occurrence; null if its due date is out of range. */
export function makeOccurrence(
  series: Series,
  start: string,
  local: number,
  gone: number,
): Occurrence | null {
  try {
    const dueDate = writeDueDate(local, start, series.dueDate, series.dueTimeZone);
    return { dueDate, at: writeOccurrenceId(start, local), gone };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Return whether a local time is excluded, itself or its day. */
export function makeExclusion(series: Series): (local: number) => boolean {
  const times = new Set<number>();
  const days = new Set<number>();
  for (const text of series.exceptions) {
    const local = getLocalTime(text, series.dueTimeZone);
    if (isDate(text) || isDate(series.start)) days.add(toDay(local));
    else times.add(local);
  }
  return (local) => times.has(local) || days.has(toDay(local));
}
