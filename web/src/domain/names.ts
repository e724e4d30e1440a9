/**
 * Names and titles: keys for comparing and sorting them, as on the server. The port of
 * `domain/names.py`.
 */

const NON_ASCII = /[\u0080-\uffff]/;
/**
 * Invisible characters that are ignored in comparisons of names, for example variation selectors.
 * Joiners and the tags of flags distinguish two names within the text.
 */
const IGNORED =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: each character is matched alone.
  /[\u{ad}\u{34f}\u{61c}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{180b}-\u{180f}\u{200b}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2060}-\u{206f}\u{3164}\u{fe00}-\u{fe0f}\u{feff}\u{ffa0}\u{fff0}-\u{fff8}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e001f}\u{e0080}-\u{e0fff}]/gu;
const INVISIBLE_ENDS = /^[\s\u200c\u200d]+|[\s\u200c\u200d]+$/g;
/** Letters that Unicode does not decompose, with the letters by which they are sorted. */
const BASE_LETTERS = new Map<string, string>([
  ...([
    ["æ", "ae"],
    ["œ", "oe"],
    ["ø", "o"],
    ["đ", "d"],
    ["ð", "d"],
  ] as const),
  ...([
    ["ħ", "h"],
    ["ı", "i"],
    ["ł", "l"],
    ["ŧ", "t"],
  ] as const),
]);
const UNDECOMPOSED = new RegExp(`[${[...BASE_LETTERS.keys()].join("")}]`, "g");
/**
 * The folded letters that were needed. Most letters fold through their capital letter to its small
 * letter: ß to SS and ss. These two do not.
 */
const foldedLetters = new Map([
  ["ı", "ı"],
  ["ẞ", "ss"],
]);
/** Folded to capital letters. */
const CHEROKEE = /[\u13a0-\u13fd\uab70-\uabbf]/;
/** Separates the two parts of a sort key, and sorts before every character of names and titles. */
const TIE_SEPARATOR = "\u0001";
const MAX_BASE_LENGTH = 300;
const MAX_TIE_LENGTH = 100;
/** Characters with the combining classes 1, 8, 10 and 230. */
const [OVERLAY, VOICING, SHEVA, ACUTE] = ["\u0334", "\u3099", "\u05b0", "\u0301"];
const FIRST_ACCENT = "\u0300";
const MARK = /^\p{M}$/u;
const accents = new Map<string, boolean>();

/**
 * Return the key of a name. Two names are equal if their keys are equal.
 *
 * Keys ignore case (canonical caseless match, Unicode, section 3.13) and invisible characters.
 */
export function makeNameKey(name: string): string {
  if (!NON_ASCII.test(name)) return name.toLowerCase();
  const folded = fold(name);
  return folded.replace(IGNORED, "").replace(INVISIBLE_ENDS, "") || folded;
}

/**
 * Return the key by which names and titles are sorted; see {@link compareText}.
 *
 * Base letters are compared first, then accents: Apfel, Äpfel, éclair, Eis.
 */
export function makeSortKey(text: string): string {
  if (!NON_ASCII.test(text)) return text.toLowerCase().slice(0, MAX_BASE_LENGTH);
  const folded = fold(text).replace(IGNORED, "");
  const replaced = folded.replace(UNDECOMPOSED, (letter) => BASE_LETTERS.get(letter) ?? letter);
  let base = "";
  for (const letter of foldCase(replaced.normalize("NFKD"))) if (!isAccent(letter)) base += letter;
  base = cut(base, MAX_BASE_LENGTH);
  return folded === base ? base : base + TIE_SEPARATOR + cut(folded, MAX_TIE_LENGTH);
}

/** Compare two texts by their code points, as the databases of the server compare them. */
export function compareText(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index++) {
    const [left, right] = [one.charCodeAt(index), other.charCodeAt(index)];
    if (left !== right) return rankUnit(left) - rankUnit(right);
  }
  return one.length - other.length;
}

/** Return the text without differences of case (full case folding of Unicode). */
export function foldCase(text: string): string {
  if (!NON_ASCII.test(text)) return text.toLowerCase();
  let folded = "";
  // Letter by letter, because the lower case of a Greek sigma depends on its neighbours.
  for (const letter of text) folded += foldLetter(letter);
  return folded;
}

function foldLetter(letter: string): string {
  let folded = foldedLetters.get(letter);
  if (folded === undefined) {
    const capital = letter.toUpperCase();
    folded = CHEROKEE.test(letter)
      ? capital
      : [...capital].map((each) => each.toLowerCase()).join("");
    foldedLetters.set(letter, folded);
  }
  return folded;
}

function fold(text: string): string {
  return foldCase(text.normalize("NFD")).normalize("NFC");
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : [...text].slice(0, length).join("");
}

/** Surrogates stand for code points after all others. */
function rankUnit(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/**
 * Return whether a character has a combining class other than 0 and 9. Class 9 is the virama, which
 * is not an accent but suppresses the vowel of a consonant.
 *
 * JavaScript does not tell the class of a character. But normalization sorts adjacent characters by
 * their classes, and never moves a character of class 0.
 */
function isAccent(letter: string): boolean {
  if (letter < FIRST_ACCENT) return false;
  let known = accents.get(letter);
  if (known === undefined) {
    const isCombining = isSwapped(letter, OVERLAY) || isSwapped(ACUTE, letter);
    const isVirama = isSwapped(letter, VOICING) && isSwapped(SHEVA, letter);
    known = MARK.test(letter) && isCombining && !isVirama;
    accents.set(letter, known);
  }
  return known;
}

/** Return whether normalization exchanges two characters: the second has the lower class. */
function isSwapped(first: string, second: string): boolean {
  return (first + second).normalize("NFD") !== first.normalize("NFD") + second.normalize("NFD");
}
