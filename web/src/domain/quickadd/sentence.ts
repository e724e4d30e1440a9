/**
 * The words of a text as keys for lookups, with what their meaning depends on. The port of
 * `sentence.py`.
 */
import type { Now } from "../due.ts";
import type { Language } from "./language.ts";
import type { DateOrder } from "./result.ts";

const ORDINAL = /^([0-9]{1,2})([^0-9]*)$/;
const DIGITS = /^[0-9]{1,4}$/;

/** The words of a text. */
export interface Sentence {
  /**
   * The folded words, without a comma at their end. A word that is protected by a backslash or by
   * quotation marks is empty, so that it matches nothing.
   */
  readonly keys: string[];
  readonly language: Language;
  readonly now: Now;
  readonly dateOrder: DateOrder;
}

/** Return the key of a word; empty behind the last word. */
export function getKey(sentence: Sentence, index: number): string {
  return sentence.keys[index] ?? "";
}

/** Return the number from 1 to 9999 that a word means, as digits or as a word. */
export function readNumber(sentence: Sentence, index: number): number | null {
  const key = getKey(sentence, index);
  if (DIGITS.test(key)) return Number(key) || null;
  return sentence.language.numbers.get(key) ?? null;
}

/** Return the day of the month that a word means, such as "5" or "5th". */
export function readDayNumber(
  sentence: Sentence,
  index: number,
  { needsSuffix = false } = {},
): number | null {
  const [, digits, suffix = ""] = ORDINAL.exec(getKey(sentence, index)) ?? [];
  const day = Number(digits);
  if (digits === undefined || day < 1 || day > 31) return null;
  if (suffix === "") return needsSuffix ? null : day;
  return sentence.language.ordinalSuffixes.has(suffix) ? day : null;
}

/** Return the number of "second" or "2nd", and -1 for "last". */
export function readOrdinal(sentence: Sentence, index: number): number | null {
  const word = sentence.language.ordinals.get(getKey(sentence, index));
  return word ?? readDayNumber(sentence, index, { needsSuffix: true });
}
