/** Times of day in quick add: "9:30", "5pm", "at 9", "noon", "14 Uhr". The port of `times.py`. */
import { type Language, NOON } from "./language.ts";
import { getKey, type Sentence } from "./sentence.ts";

/** Hours and minutes, and what follows them without a space. */
const CLOCK = /^([0-9]{1,2}):([0-9]{2})([^0-9:]*)$/;
const HOUR = /^([0-9]{1,2})([^0-9]*)$/;
const DOTTED_CLOCK = /^([0-9]{1,2})\.([0-9]{2})$/;
const MINUTES = /^[0-9]{2}$/;

/** A recognised time of day. */
export interface Time {
  /** Minutes after midnight. */
  readonly minutes: number;
  /** The index after its last word. */
  readonly end: number;
  /** Whether it is certain which half of the day is meant. */
  readonly hasHalf: boolean;
}

/** Return the time at an index, after "at" or without it. */
export function findTime(sentence: Sentence, index: number): Time | null {
  const isAfterAt = sentence.language.at.has(getKey(sentence, index));
  return findBareTime(sentence, isAfterAt ? index + 1 : index, isAfterAt);
}

function findBareTime(sentence: Sentence, index: number, isAfterAt: boolean): Time | null {
  const key = getKey(sentence, index);
  if (sentence.language.noon.has(key)) return { minutes: NOON, end: index + 1, hasHalf: true };
  if (key === "" || key < "0" || key >= ":") return null;
  const clock = CLOCK.exec(key);
  if (clock !== null) {
    return readClock(sentence, index, Number(clock[1]), Number(clock[2]), clock[3] ?? "");
  }
  const dotted = DOTTED_CLOCK.exec(key);
  if (dotted !== null && sentence.language.oclock.has(getKey(sentence, index + 1))) {
    return makeTime(Number(dotted[1]), Number(dotted[2]), index + 2);
  }
  const hour = HOUR.exec(key);
  if (hour === null) return null;
  return readHour(sentence, index, Number(hour[1]), hour[2] ?? "", isAfterAt);
}

/** Return the time of "9:30", "9:30pm", "9:30 pm" or "9:30 Uhr". */
function readClock(
  sentence: Sentence,
  index: number,
  hour: number,
  minute: number,
  suffix: string,
): Time | null {
  const { language } = sentence;
  if (suffix !== "") return makeTimeOfHalf(language, hour, minute, suffix, index + 1);
  const following = getKey(sentence, index + 1);
  if (language.am.has(following) || language.pm.has(following)) {
    return makeTimeOfHalf(language, hour, minute, following, index + 2);
  }
  return makeTime(hour, minute, language.oclock.has(following) ? index + 2 : index + 1);
}

/** Return the time of "9pm", "9 pm", "9 Uhr", "9 Uhr 30", and of "9" after "at". */
function readHour(
  sentence: Sentence,
  index: number,
  hour: number,
  suffix: string,
  isAfterAt: boolean,
): Time | null {
  const { language } = sentence;
  if (suffix !== "") return makeTimeOfHalf(language, hour, 0, suffix, index + 1);
  const following = getKey(sentence, index + 1);
  if (language.am.has(following) || language.pm.has(following)) {
    return makeTimeOfHalf(language, hour, 0, following, index + 2);
  }
  if (language.oclock.has(following)) {
    const minutes = getKey(sentence, index + 2);
    if (MINUTES.test(minutes) && Number(minutes) < 60) {
      return makeTime(hour, Number(minutes), index + 3);
    }
    return makeTime(hour, 0, index + 2);
  }
  return isAfterAt ? makeTime(hour, 0, index + 1) : null;
}

function makeTime(hour: number, minute: number, end: number): Time | null {
  if (hour > 23 || minute > 59) return null;
  // "0:30" and "17:00" are certain. "8:00" may be in the evening.
  return { minutes: hour * 60 + minute, end, hasHalf: hour < 1 || hour > 11 };
}

/** Return a time on the 12-hour clock, on which 12 comes before 1. */
function makeTimeOfHalf(
  language: Language,
  hour: number,
  minute: number,
  half: string,
  end: number,
): Time | null {
  const isPm = language.pm.has(half);
  if (hour < 1 || hour > 12 || minute > 59 || !(isPm || language.am.has(half))) return null;
  return { minutes: (hour % 12) * 60 + minute + (isPm ? NOON : 0), end, hasHalf: true };
}

/**
 * Return a time in the half of the day that a part of the day belongs to: "tonight at 9" is 21:00,
 * and "friday afternoon at 2" is 14:00.
 *
 * @param part - the start of the part of the day in minutes after midnight, if any.
 */
export function moveToPart(time: Time, part: number | null): number {
  return time.hasHalf || part === null || part < NOON ? time.minutes : time.minutes + NOON;
}

/** Return a time of day as `HH:MM`. */
export function formatMinutes(minutes: number): string {
  const pad = (number: number) => String(number).padStart(2, "0");
  return `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}
