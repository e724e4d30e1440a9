/**
 * Time, start and end of repeats in quick add: "at 9", "starting jan 1", "until may", "for 6 times",
 * "from completion". The port of `repeats.py`, the second half.
 */
import { addDays, countDays, DAY_MS, type Day } from "../days.ts";
import { toInstant } from "../zones.ts";
import { type FoundDay, findDay } from "./dates.ts";
import { isTimeOver } from "./dueDates.ts";
import { skipPhrase } from "./language.ts";
import { findFirstDay, formatRule, keepDayOfMonth, type RepeatRule } from "./repeatRules.ts";
import type { Phrase } from "./result.ts";
import { getKey, readNumber, type Sentence } from "./sentence.ts";
import { findTime, moveToPart } from "./times.ts";

/** A repeat that is being read. */
export interface Repeat {
  /** The rule without its end. */
  rule: RepeatRule;
  /** The index after the words that were read. */
  end: number;
  countsFromCompletion: boolean;
  /** The start of the part of the day in minutes after midnight. */
  part: number | null;
  /** The time of day in minutes after midnight. */
  minutes: number | null;
  /** Whether a time was read, rather than only a part of the day. */
  hasTime: boolean;
  start: Day | null;
  until: Day | null;
  /** The index of the last day, if it is the next such day, as for "dec 1". */
  untilIndex: number | null;
  count: number | null;
  /** Indexes of the first word of a day that does not exist, and after its last word. */
  missing: { readonly start: number; readonly end: number } | null;
}

/** Return a repeat without time, start and end. */
export function makeRepeat(rule: RepeatRule, end: number): Repeat {
  return {
    ...{ rule, end, countsFromCompletion: false, part: null, minutes: null, hasTime: false },
    ...{ start: null, until: null, untilIndex: null, count: null, missing: null },
  };
}

/** Read a time, a start, an end or "from completion"; return whether there was one. */
export function readAddition(sentence: Sentence, repeat: Repeat): boolean {
  return (
    readCompletion(sentence, repeat) ||
    readTime(sentence, repeat) ||
    readStart(sentence, repeat) ||
    readUntil(sentence, repeat) ||
    readCount(sentence, repeat)
  );
}

function readCompletion(sentence: Sentence, repeat: Repeat): boolean {
  const end = skipPhrase(sentence.language.fromCompletion, sentence.keys, repeat.end);
  if (end === null || repeat.countsFromCompletion) return false;
  repeat.countsFromCompletion = true;
  repeat.end = end;
  return true;
}

function readTime(sentence: Sentence, repeat: Repeat): boolean {
  if (repeat.hasTime) return false;
  const part = sentence.language.parts.get(getKey(sentence, repeat.end));
  if (part !== undefined && repeat.part === null) {
    repeat.part = part;
    repeat.minutes = part;
    repeat.end += 1;
    return true;
  }
  const time = findTime(sentence, repeat.end);
  if (time === null) return false;
  repeat.minutes = moveToPart(time, repeat.part);
  repeat.hasTime = true;
  repeat.end = time.end;
  return true;
}

function readStart(sentence: Sentence, repeat: Repeat): boolean {
  const index = skipPhrase(sentence.language.starting, sentence.keys, repeat.end);
  const found = index === null ? null : findDay(sentence, index);
  if (index === null || found === null || !found.acceptsTime || repeat.start !== null) return false;
  repeat.start = readDay(repeat, found, index);
  return true;
}

function readUntil(sentence: Sentence, repeat: Repeat): boolean {
  const index = skipPhrase(sentence.language.until, sentence.keys, repeat.end);
  const found = index === null ? null : findDay(sentence, index);
  const hasEnd = repeat.until !== null || repeat.count !== null;
  if (index === null || found === null || !found.acceptsTime || hasEnd) return false;
  repeat.until = readDay(repeat, found, index);
  repeat.untilIndex = found.isNext ? index : null;
  return true;
}

function readDay(repeat: Repeat, found: FoundDay, index: number): Day | null {
  repeat.end = found.end;
  if (found.day === null) repeat.missing ??= { start: index, end: found.end };
  return found.day;
}

function readCount(sentence: Sentence, repeat: Repeat): boolean {
  const { language } = sentence;
  const index = repeat.end;
  const count = readNumber(sentence, index + 1);
  const isCount =
    language.for.has(getKey(sentence, index)) && language.times.has(getKey(sentence, index + 2));
  const hasEnd = repeat.until !== null || repeat.count !== null;
  if (count === null || !isCount || hasEnd) return false;
  repeat.count = count;
  repeat.end = index + 3;
  return true;
}

/**
 * Return the phrase of a repeat that was read.
 *
 * @param index - the index of its first word.
 * @throws RangeError if its first day is after the year 9999.
 */
export function makePhrase(sentence: Sentence, repeat: Repeat, index: number): Phrase {
  const { end, missing } = repeat;
  if (missing !== null) {
    return { issue: "no_such_day", end, issueStart: missing.start, issueEnd: missing.end };
  }
  const hasPassed = repeat.minutes !== null && isTimeOver(sentence, repeat.minutes);
  const start = repeat.start ?? addDays(sentence.now.today, hasPassed ? 1 : 0);
  moveUntil(sentence, repeat, start);
  const day = findFirstDay(repeat.rule, start);
  if (repeat.until !== null && repeat.until < day) {
    return { issue: "repeat_never", end, issueStart: index, issueEnd: end };
  }
  const { minutes, countsFromCompletion } = repeat;
  return { issue: null, end, day, minutes, rule: writeRule(repeat, day), countsFromCompletion };
}

/** Change the last day to the next such day from the start: "from dec 10 until jan 6". */
function moveUntil(sentence: Sentence, repeat: Repeat, start: Day): void {
  if (repeat.until === null || repeat.untilIndex === null || repeat.until >= start) return;
  const { now } = sentence;
  const local = now.local + countDays(now.today, start) * DAY_MS;
  const later = { ...now, instant: toInstant(local, now.zone), local, today: start };
  const found = findDay({ ...sentence, now: later }, repeat.untilIndex);
  if (found !== null) repeat.until = found.day;
}

function writeRule(repeat: Repeat, day: Day): string {
  // A rule that counts from the completion adds months to its day, so its start has no effect.
  const rule = repeat.countsFromCompletion ? repeat.rule : keepDayOfMonth(repeat.rule, day);
  // UNTIL has the type of the due date (RFC 5545, section 3.3.10), and includes the whole day.
  const time = repeat.minutes === null ? "" : "T235959";
  const until = repeat.until === null ? null : repeat.until.replaceAll("-", "") + time;
  return formatRule(rule, repeat.count, until);
}
