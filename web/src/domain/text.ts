/** Words of texts, as the search index of the server has them (`domain/search_query.py`). */
import { foldCase } from "./names.ts";

const NOT_ASCII = /[^ -~\t\n\r]/;
const BETWEEN_ASCII_WORDS = /[^a-z0-9]+/g;
const SPACES = / {2,}/g;
const LONG_WORD = /[^ ]{61}/;
/** Longer words are cut at this length. */
export const MAX_WORD_LENGTH = 60;
/** Scripts without spaces: Thai to Myanmar, Khmer, Kana and Bopomofo, CJK ideographs. */
const UNSPACED = new RegExp(
  "[\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3040-\\u312f\\u31a0-\\u31bf\\u31f0-\\u31ff" +
    "\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}]",
  "u",
);
const ASCII_LETTER = /[a-z0-9]/i;
/** Characters that are part of a word, but are not searched: accents, joiners, modifiers. */
const UNSEARCHED = /[\p{Mn}\p{Me}\p{Cf}\p{Sk}]/u;
const SYMBOL = /\p{So}/u;
const WORD_CHARACTER = /[\p{L}\p{N}\p{M}]/u;
/** What characters become among words. Texts have few different ones. */
const places = new Map<string, string>();

/** Return whether all characters are ASCII, so that rules of Unicode are not needed. */
export function isAscii(text: string): boolean {
  return !NOT_ASCII.test(text);
}

/**
 * Split text into the words of the search index, without case and accents.
 *
 * Some scripts, such as Chinese, have no spaces between words: each of their characters is a word,
 * and so is each symbol, such as an emoji.
 */
export function splitWords(text: string): string[] {
  const joined = joinWords(text).trim();
  return joined === "" ? [] : joined.split(" ");
}

/**
 * Return the words of {@link splitWords}, each with a space before and after it: ` oat milk `. A
 * phrase of words is found in it by a search for its text.
 */
export function joinWords(text: string): string {
  let joined = isAscii(text)
    ? ` ${text.toLowerCase().replace(BETWEEN_ASCII_WORDS, " ")} `
    : ` ${separateWords(text)} `;
  joined = joined.replace(SPACES, " ");
  return LONG_WORD.test(joined) ? joined.split(" ").map(shorten).join(" ") : joined;
}

/** Return the words of a text, with spaces between them. */
function separateWords(text: string): string {
  let words = "";
  for (const character of foldCase(text.normalize("NFKD"))) {
    let place = places.get(character);
    if (place === undefined) {
      place = findPlace(character);
      places.set(character, place);
    }
    words += place;
  }
  return words;
}

/** Return what a character becomes: itself, itself between spaces, a space, or nothing. */
function findPlace(character: string): string {
  if (isAscii(character)) return ASCII_LETTER.test(character) ? character : " ";
  if (UNSEARCHED.test(character)) return "";
  if (SYMBOL.test(character) || UNSPACED.test(character)) return ` ${character} `;
  return WORD_CHARACTER.test(character) ? character : " ";
}

function shorten(word: string): string {
  return word.length > MAX_WORD_LENGTH ? [...word].slice(0, MAX_WORD_LENGTH).join("") : word;
}
