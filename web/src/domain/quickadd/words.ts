/**
 * Splits the text of quick add into words, and separates the description. The port of `words.py`.
 *
 * Positions are indexes of the string. The server counts code points.
 */
import type { Issue } from "./result.ts";

/** White space of Unicode, and separators of ASCII, for a class of a regular expression. */
const SPACES =
  "\\t\\n\\v\\f\\r\\x1c\\x1d\\x1e\\x1f \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
export const WHITE_SPACE = new RegExp(`[${SPACES}]`);
const WORD = new RegExp(`[^${SPACES}]+`, "g");
const SPACES_AT_START = new RegExp(`^[${SPACES}]+`);
const SPACES_AT_END = new RegExp(`[${SPACES}]+$`);
/** Opening quotation marks, with the marks that may close the quotation. */
const CLOSING_MARKS = new Map([
  ['"', '"'],
  ["“", "”"],
  ["„", "“”"],
  ["«", "»"],
  ["»", "«"],
]);
const SIGNS = "#@+";
const OPENING_BRACKETS = "([{";

/**
 * `plain`: may be an item or a part of a phrase. `literal`: text, for example a quotation or a URL.
 * `escaped`: text because of a backslash. `name`: a sign with a quoted name, such as
 * `#"Home improvements"`.
 */
export type WordKind = "plain" | "literal" | "escaped" | "name";

export interface Word {
  readonly kind: WordKind;
  /** The word without the backslash; for `name`, the sign and the name without quotation marks. */
  readonly text: string;
  readonly start: number;
  /** The position after the last character. */
  readonly end: number;
}

export interface SplitText {
  readonly words: Word[];
  readonly description: string;
  /** The position of the `//` before the description, if any. */
  readonly descriptionStart: number | null;
  readonly errors: Issue[];
}

/**
 * Split a text into words at white space.
 *
 * A quotation is one word. A backslash at the start of a word makes it text. The text after a word
 * `//` is the description.
 */
export function splitText(text: string): SplitText {
  const lastMarks = findLastMarks(text);
  const words: Word[] = [];
  let position = 0;
  for (let found = matchWord(text, 0); found !== null; found = matchWord(text, position)) {
    const { word, start } = found;
    position = start + word.length;
    if (word === "//") {
      return {
        words,
        description: strip(text.slice(position)),
        descriptionStart: start,
        errors: [],
      };
    }
    const mark = findOpeningMark(word);
    const isQuotation = mark !== null && (lastMarks.get(word.charAt(mark)) ?? -1) > start + mark;
    if (isQuotation) {
      const quotation = readQuotation(text, start, start + mark);
      words.push(quotation);
      position = quotation.end;
    } else if (mark !== null && SIGNS.includes(word.charAt(0))) {
      return {
        words,
        description: "",
        descriptionStart: null,
        errors: [makeUnclosed(text, start + mark)],
      };
    } else {
      words.push(makeWord(word, start, position));
    }
  }
  return { words, description: "", descriptionStart: null, errors: [] };
}

/** Return whether a text begins with an opening quotation mark. */
export function startsQuotation(text: string): boolean {
  return CLOSING_MARKS.has(text.charAt(0));
}

function matchWord(text: string, position: number): { word: string; start: number } | null {
  WORD.lastIndex = position;
  const found = WORD.exec(text);
  return found === null ? null : { word: found[0], start: found.index };
}

/** Return a word without a quotation. */
function makeWord(word: string, start: number, end: number): Word {
  if (word.startsWith("\\") && word.length > 1) {
    return { kind: "escaped", text: word.slice(1), start, end };
  }
  return { kind: word.includes("://") ? "literal" : "plain", text: word, start, end };
}

/**
 * Return the position of the last mark that can close each opening mark. With it, a text of many
 * opening marks is not searched to its end for each of them.
 */
function findLastMarks(text: string): Map<string, number> {
  const last = new Map<string, number>();
  for (const [opening, closing] of CLOSING_MARKS) {
    last.set(opening, Math.max(...[...closing].map((mark) => text.lastIndexOf(mark))));
  }
  return last;
}

/** Return the index of the quotation mark that the word begins with, after signs or brackets. */
function findOpeningMark(word: string): number | null {
  if (CLOSING_MARKS.has(word.charAt(0))) return 0;
  if (SIGNS.includes(word.charAt(0))) return CLOSING_MARKS.has(word.charAt(1)) ? 1 : null;
  let index = 0;
  while (index < word.length && OPENING_BRACKETS.includes(word.charAt(index))) index++;
  return index > 0 && CLOSING_MARKS.has(word.charAt(index)) ? index : null;
}

function makeUnclosed(text: string, start: number): Issue {
  return { code: "unclosed_quote", start, end: text.replace(SPACES_AT_END, "").length };
}

/** Return the word with a quotation. It ends at the first white space after the quotation. */
function readQuotation(text: string, start: number, mark: number): Word {
  const closing = CLOSING_MARKS.get(text.charAt(mark)) ?? "";
  let close = mark + 1;
  while (!closing.includes(text.charAt(close))) close++;
  const rest = matchWord(text, close);
  const end = close + (rest?.word.length ?? 1);
  const name = strip(text.slice(mark + 1, close));
  if (SIGNS.includes(text.charAt(start)) && end === close + 1 && name !== "") {
    return { kind: "name", text: text.charAt(start) + name, start, end };
  }
  return { kind: "literal", text: text.slice(start, end), start, end };
}

function strip(text: string): string {
  return text.replace(SPACES_AT_START, "").replace(SPACES_AT_END, "");
}
