/** The parts of a text that match a search, for highlighting, and excerpts around them. */
import type { Query, Term } from "./search.ts";
import { joinWords } from "./text.ts";

/** A part of a text: indexes of the string, the end is excluded. */
export interface Mark {
  readonly start: number;
  readonly end: number;
}

/** A part of a long text. */
export interface Excerpt {
  readonly text: string;
  /** The marks, as positions in `text`. */
  readonly marks: readonly Mark[];
  /** Whether text before and after it is left out. */
  readonly isCutBefore: boolean;
  readonly isCutAfter: boolean;
}

/** A text as it is searched, with the position of each of its characters in the source. */
interface Folded {
  readonly text: string;
  /** One mark per code unit of `text`. A space between words has the position of what it replaces. */
  readonly places: readonly Mark[];
}

/** Most of the text before the first mark of an excerpt. */
const LEAD = 30;

/**
 * Return the parts of a text that match the required terms, in order and not overlapping. Of each
 * term, the matches at starts of words are returned; if there are none, those within words.
 */
export function findMarks(text: string, query: Query): Mark[] {
  const folded = foldWithPlaces(text);
  return mergeMarks(query.required.flatMap((term) => findTerm(folded, term)));
}

/** Return a part of a text with its first mark, at most `length` characters. */
export function makeExcerpt(text: string, query: Query, length: number): Excerpt {
  const marks = findMarks(text, query);
  const first = marks[0]?.start ?? 0;
  let start = first <= LEAD ? 0 : first - LEAD;
  if (start > 0) {
    // Begin with a whole word, if one begins before the mark.
    const space = text.slice(start, first).search(/\s/);
    if (space >= 0) start += space + 1;
  }
  let end = Math.min(start + length, text.length);
  // Do not cut a surrogate pair.
  if (end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1))) end -= 1;
  return {
    text: text.slice(start, end),
    marks: marks
      .filter((mark) => mark.start >= start && mark.end <= end)
      .map((mark) => ({ start: mark.start - start, end: mark.end - start })),
    isCutBefore: start > 0,
    isCutAfter: end < text.length,
  };
}

function findTerm(folded: Folded, { words, isPrefix }: Term): Mark[] {
  const phrase = words.join(" ");
  const whole = isPrefix ? phrase : `${phrase} `;
  const atWords = findAll(folded, ` ${whole}`, 1, phrase.length);
  if (atWords.length > 0 || !isPrefix) return atWords;
  return findAll(folded, phrase, 0, phrase.length);
}

function findAll({ text, places }: Folded, searched: string, skipped: number, length: number) {
  const marks: Mark[] = [];
  for (let at = text.indexOf(searched); at >= 0; at = text.indexOf(searched, at + 1)) {
    const first = places[at + skipped];
    const last = places[at + skipped + length - 1];
    if (first !== undefined && last !== undefined)
      marks.push({ start: first.start, end: last.end });
  }
  return marks;
}

function foldWithPlaces(source: string): Folded {
  let text = " ";
  const places: Mark[] = [{ start: 0, end: 0 }];
  let position = 0;
  for (const character of source) {
    const [start, end] = [position, position + character.length];
    position = end;
    const folded = foldCharacter(character);
    if (folded === "") {
      // An accent or a joiner belongs to the letter before it.
      const before = places.at(-1);
      if (before !== undefined && !text.endsWith(" ")) {
        places[places.length - 1] = { start: before.start, end };
      }
      continue;
    }
    for (const unit of folded.split("")) {
      if (unit === " " && text.endsWith(" ")) continue;
      text += unit;
      places.push({ start, end });
    }
  }
  if (!text.endsWith(" ")) {
    text += " ";
    places.push({ start: position, end: position });
  }
  return { text, places };
}

/** Return what a character becomes among words: letters, spaces around a symbol, or nothing. */
function foldCharacter(character: string): string {
  // Between two letters, a separator leaves a space, and an accent nothing.
  const [, middle = ""] = /^ x(.*)x $/.exec(joinWords(`x${character}x`)) ?? [];
  return middle;
}

function mergeMarks(marks: Mark[]): Mark[] {
  const merged: Mark[] = [];
  for (const mark of marks.sort((one, other) => one.start - other.start)) {
    const last = merged.at(-1);
    if (last === undefined || mark.start > last.end) merged.push(mark);
    else merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, mark.end) };
  }
  return merged;
}
