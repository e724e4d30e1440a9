/**
 * Fractional index: the keys of the manual order. The port of `domain/fractional_index.py`.
 *
 * A key consists of a length letter, a whole number in base 62 and an optional fraction, also in
 * base 62. The letter encodes the number of digits of the whole number (`a` for one, `b` for two,
 * …). Negative numbers begin with a capital letter (`Z` for one digit, `Y` for two, …). Because of
 * the fraction, there is a key between any two keys. A fraction never ends with the digit 0.
 */

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LOWEST_DIGIT = "0";
const HIGHEST_DIGIT = "z";
const BASE = DIGITS.length;
const KEY = /^[0-9A-Za-z]+$/;
/** Fractions are incremented and decremented by their last group of this many digits. */
const GROUP_LENGTH = 3;
const GROUP_VALUES = BASE ** GROUP_LENGTH;
/**
 * A key that is this many digits longer than its neighbour belongs to a run of insertions at one
 * place; see {@link makeFractionBetween}.
 */
const RUN_LEAD = 3;

/** A row with a place in the manual order. */
export interface Placed {
  readonly id: string;
  readonly position: string;
}

/** Compare two rows by their keys, byte by byte; ties are broken by the id. */
export function compareByPosition(one: Placed, other: Placed): number {
  return compareText(one.position, other.position) || compareText(one.id, other.id);
}

/**
 * Return a key greater than `before` and smaller than `after`. Null means that there is no bound on
 * that side. The keys are those of the server, so they stay as short as there.
 *
 * @throws RangeError if `before` is not smaller than `after`, one of them is not a key, or `after`
 *   is the smallest possible key.
 */
export function makeKeyBetween(before: string | null, after: string | null): string {
  if (before === null) return after === null ? "a0" : makeKeyBefore(after);
  if (after === null) return makeKeyAfter(before);
  if (before >= after) throw new RangeError(`${before} is not smaller than ${after}`);
  const [whole, fraction] = splitKey(before);
  const [afterWhole, afterFraction] = splitKey(after);
  if (whole === afterWhole) return whole + makeFractionBetween(fraction, afterFraction);
  const next = stepWhole(whole, true);
  return next !== null && next < after ? next : whole + makeGreaterFraction(fraction);
}

/**
 * Return keys in ascending order between two keys, for several rows that are moved to one place.
 *
 * @throws RangeError as {@link makeKeyBetween}.
 */
export function makeKeysBetween(
  before: string | null,
  after: string | null,
  count: number,
): string[] {
  const keys: string[] = [];
  for (let last = before; keys.length < count; ) {
    last = makeKeyBetween(last, after);
    keys.push(last);
  }
  return keys;
}

function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/**
 * Return a fraction between two fractions.
 *
 * If one bound is much longer than the other, it was probably created by the previous insertions at
 * this position. The result is then the incremented or decremented bound, which is not longer.
 * Otherwise it is a halfway fraction, which needs one more digit per six insertions.
 */
function makeFractionBetween(low: string, high: string): string {
  let between = "";
  if (low.length >= high.length + RUN_LEAD) between = stepFraction(low, true);
  else if (high.length >= low.length + RUN_LEAD) between = stepFraction(high, false);
  return low < between && between < high ? between : makeHalfwayFraction(low, high);
}

function makeGreaterFraction(low: string): string {
  return low.length >= RUN_LEAD ? stepFraction(low, true) : makeShortGreaterFraction(low);
}

function makeKeyBefore(after: string): string {
  const [whole, fraction] = splitKey(after);
  if (fraction) return whole;
  const previous = stepWhole(whole, false);
  if (previous === null) throw new RangeError(`${after} is the smallest key`);
  return previous;
}

function makeKeyAfter(before: string): string {
  const [whole, fraction] = splitKey(before);
  return stepWhole(whole, true) ?? whole + makeGreaterFraction(fraction);
}

/** Split a key into the whole number, with its letter, and the fraction. */
function splitKey(key: string): [whole: string, fraction: string] {
  const letter = key.charAt(0);
  let count = Number.POSITIVE_INFINITY;
  if (letter >= "a" && letter <= "z") count = letter.charCodeAt(0) - "a".charCodeAt(0) + 1;
  if (letter >= "A" && letter <= "Z") count = "Z".charCodeAt(0) - letter.charCodeAt(0) + 1;
  const [whole, fraction] = [key.slice(0, count + 1), key.slice(count + 1)];
  if (whole.length <= count || fraction.endsWith(LOWEST_DIGIT) || !KEY.test(key)) {
    throw new RangeError(`${key} is not a key of the manual order`);
  }
  return [whole, fraction];
}

/** Return the next or previous whole number, or null if there is none. */
function stepWhole(whole: string, up: boolean): string | null {
  const [letter, digits] = [whole.charAt(0), whole.slice(1)];
  const [last, first] = up ? [HIGHEST_DIGIT, LOWEST_DIGIT] : [LOWEST_DIGIT, HIGHEST_DIGIT];
  let kept = digits.length;
  while (kept > 0 && digits.charAt(kept - 1) === last) kept--;
  if (kept > 0) {
    const stepped = DIGITS.charAt(DIGITS.indexOf(digits.charAt(kept - 1)) + (up ? 1 : -1));
    return letter + digits.slice(0, kept - 1) + stepped + first.repeat(digits.length - kept);
  }
  if (letter === (up ? "z" : "A")) return null;
  if (letter === (up ? "Z" : "a")) return up ? `a${first}` : `Z${first}`;
  const isLonger = up === letter >= "a";
  const next = String.fromCharCode(letter.charCodeAt(0) + (up ? 1 : -1));
  return next + first.repeat(digits.length + (isLonger ? 1 : -1));
}

/**
 * Increment or decrement the last group of digits. If the group would overflow or reach zero, append
 * a group.
 */
function stepFraction(fraction: string, up: boolean): string {
  const groups = Math.max(1, Math.ceil(fraction.length / GROUP_LENGTH));
  const padded = fraction.padEnd(GROUP_LENGTH * groups, LOWEST_DIGIT);
  const kept = padded.slice(0, -GROUP_LENGTH);
  let number = 0;
  for (const digit of padded.slice(-GROUP_LENGTH)) number = number * BASE + DIGITS.indexOf(digit);
  const step = up ? 1 : -1;
  number += step;
  if (number % BASE === 0) number += step;
  if (number >= GROUP_VALUES) return `${padded}${LOWEST_DIGIT.repeat(GROUP_LENGTH - 1)}1`;
  if (number <= 0) {
    return kept + LOWEST_DIGIT.repeat(GROUP_LENGTH) + HIGHEST_DIGIT.repeat(GROUP_LENGTH);
  }
  let digits = "";
  for (let count = 0; count < GROUP_LENGTH; count++) {
    digits = DIGITS.charAt(number % BASE) + digits;
    number = Math.floor(number / BASE);
  }
  return kept + digits;
}

/** Return a short fraction about halfway between two. */
function makeHalfwayFraction(low: string, high: string): string {
  for (let index = 0; index < high.length; index++) {
    const start = index < low.length ? DIGITS.indexOf(low.charAt(index)) : 0;
    const end = DIGITS.indexOf(high.charAt(index));
    const same = high.slice(0, index);
    if (end - start > 1) return same + DIGITS.charAt(Math.floor((start + end) / 2));
    if (end > start) {
      if (index + 1 < high.length) return high.slice(0, index + 1);
      return same + DIGITS.charAt(start) + makeShortGreaterFraction(low.slice(index + 1));
    }
  }
  throw new RangeError(`no fraction lies between ${low} and ${high}`);
}

/** Return a short fraction greater than the given one. */
function makeShortGreaterFraction(low: string): string {
  let same = 0;
  while (same < low.length && low.charAt(same) === HIGHEST_DIGIT) same++;
  const start = same < low.length ? DIGITS.indexOf(low.charAt(same)) : 0;
  return HIGHEST_DIGIT.repeat(same) + DIGITS.charAt(Math.floor((start + BASE + 1) / 2));
}
