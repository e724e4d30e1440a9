/**
 * Due dates in quick add: a date, a time or both, such as "on friday at 9" or "9am tomorrow". The
 * port of `due_dates.py`.
 */
import { addDays, DAY_MS, type Day } from "../days.ts";
import { type FoundDay, findDay } from "./dates.ts";
import { skipPhrase } from "./language.ts";
import type { Phrase } from "./result.ts";
import { getKey, type Sentence } from "./sentence.ts";
import { findTime, moveToPart, type Time } from "./times.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

/**
 * Return the due date at an index, with the word before it, such as "on" or "by".
 *
 * @throws RangeError if the date is after the year 9999.
 */
export function findDueDate(sentence: Sentence, index: number): Phrase | null {
  const start = skipPhrase(sentence.language.leadIns, sentence.keys, index) ?? index;
  const day = findDay(sentence, start);
  if (day !== null) return readTimeAfterDay(sentence, start, day);
  const time = findTime(sentence, start);
  return time === null ? null : readDayAfterTime(sentence, time);
}

function readTimeAfterDay(sentence: Sentence, start: number, found: FoundDay): Phrase {
  let { minutes, part, end } = found;
  if (found.acceptsTime) {
    const namedPart = sentence.language.parts.get(getKey(sentence, end));
    if (namedPart !== undefined) [minutes, part, end] = [namedPart, namedPart, end + 1];
    const time = findTime(sentence, end);
    if (time !== null) [minutes, end] = [moveToPart(time, part), time.end];
  }
  if (found.day === null) {
    return { issue: "no_such_day", end, issueStart: start, issueEnd: found.end };
  }
  return makeDueDate(end, found.day, minutes);
}

function readDayAfterTime(sentence: Sentence, time: Time): Phrase {
  const start = skipPhrase(sentence.language.leadIns, sentence.keys, time.end) ?? time.end;
  const found = findDay(sentence, start);
  if (found === null || !found.acceptsTime) {
    const days = isTimeOver(sentence, time.minutes) ? 1 : 0;
    return makeDueDate(time.end, addDays(sentence.now.today, days), time.minutes);
  }
  if (found.day === null) {
    return { issue: "no_such_day", end: found.end, issueStart: start, issueEnd: found.end };
  }
  return makeDueDate(found.end, found.day, moveToPart(time, found.part));
}

function makeDueDate(end: number, day: Day, minutes: number | null): Phrase {
  return { issue: null, end, day, minutes, rule: null, countsFromCompletion: false };
}

/** Return whether a time of today has passed: to the second, as on the server. */
export function isTimeOver(sentence: Sentence, minutes: number): boolean {
  const { local } = sentence.now;
  const passed = local - Math.floor(local / DAY_MS) * DAY_MS;
  return minutes * MINUTE_MS + SECOND_MS <= passed;
}
