/**
 * Words of a language, prepared for lookups. The port of `language.py`.
 *
 * The words are copies of the files of the server, one part of the build for each language.
 */

export const NOON = 12 * 60;
const PART_MINUTES = new Map([
  ["morning", 9 * 60],
  ["afternoon", 14 * 60],
  ["evening", 19 * 60],
]);
/** Abbreviations up to this length may be followed by a full stop. */
const MAX_ABBREVIATION = 5;
const ASCII = /^\p{ASCII}*$/u;

/** The content of a word file. */
export interface LanguageData {
  readonly name: string;
  readonly letters: WordMap<string>;
  readonly numbers: WordMap<number>;
  readonly ordinals: WordMap<number>;
  readonly ordinal_suffixes: readonly string[];
  readonly weekdays: readonly (readonly string[])[];
  readonly titles: readonly string[];
  readonly weekdays_in_lists: readonly (readonly string[])[];
  readonly months: readonly (readonly string[])[];
  readonly month_before_day: boolean;
  readonly units: WordMap<readonly string[]>;
  readonly dates: WordMap<readonly string[]>;
  readonly this: readonly string[];
  readonly next: readonly string[];
  readonly in: readonly string[];
  readonly of: readonly string[];
  readonly parts: WordMap<readonly string[]>;
  readonly joins_parts: boolean;
  readonly noon: readonly string[];
  readonly at: readonly string[];
  readonly am: readonly string[];
  readonly pm: readonly string[];
  readonly oclock: readonly string[];
  readonly lead_ins: readonly string[];
  readonly no_phrase_after: readonly string[];
  readonly every: readonly string[];
  readonly other: readonly string[];
  /** A unit and a number for each word. */
  readonly adverbs: WordMap<readonly (string | number)[]>;
  readonly day_adverbs: WordMap<readonly number[]>;
  readonly workday: readonly string[];
  readonly weekend: readonly string[];
  readonly and: readonly string[];
  readonly repeat_on: readonly string[];
  readonly of_the_month: readonly string[];
  readonly ordinal_weekday_counts_weeks: boolean;
  readonly starting: readonly string[];
  readonly until: readonly string[];
  readonly for: readonly string[];
  readonly times: readonly string[];
  readonly from_completion: readonly string[];
}

type WordMap<Value> = { readonly [word: string]: Value };

/** For each first word, the other words of the phrases and their values, the longest first. */
type PhraseTable<Value> = ReadonlyMap<string, readonly { rest: string[]; value: Value }[]>;

/** The words of a language. All words are folded; see {@link foldWord}. */
export type Language = ReturnType<typeof makeLanguage>;

/** Return the value of the longest phrase at an index, and the index after it. */
export function findInTable<Value>(
  table: PhraseTable<Value>,
  keys: readonly string[],
  index: number,
): { value: Value; end: number } | null {
  for (const { rest, value } of table.get(keys[index] ?? "") ?? []) {
    if (rest.every((word, offset) => keys[index + 1 + offset] === word)) {
      return { value, end: index + 1 + rest.length };
    }
  }
  return null;
}

/** Return the index after the longest phrase at an index; null if there is none. */
export function skipPhrase(
  table: PhraseTable<unknown>,
  keys: readonly string[],
  index: number,
): number | null {
  return findInTable(table, keys, index)?.end ?? null;
}

/** Return the key of a word: composed (NFC), in lower case, with letters replaced. */
export function foldWord(word: string, letters: ReadonlyMap<string, string>): string {
  if (ASCII.test(word)) return word.toLowerCase();
  let folded = word.normalize("NFC").toLowerCase();
  for (const [letter, replacement] of letters) folded = folded.replaceAll(letter, replacement);
  return folded;
}

/** Prepare the content of a word file. */
export function makeLanguage(code: string, data: LanguageData) {
  const letters = new Map(Object.entries(data.letters));
  const fold = (words: readonly string[]) => new Set(words.map((word) => foldWord(word, letters)));
  const foldKeys = <Value>(values: Iterable<readonly [string, Value]>) =>
    new Map([...values].map(([word, value]) => [foldWord(word, letters), value]));
  const makePhrases = (phrases: readonly string[]) =>
    makeTable(
      phrases.map((phrase) => [phrase, true]),
      letters,
    );
  const weekdays = numberWords(data.weekdays, 0, letters);
  const parts = foldKeys(
    flipGroups(data.parts).map(([word, part]) => [word, PART_MINUTES.get(part) ?? NOON]),
  );
  const noon = fold(data.noon);
  return {
    code,
    name: data.name,
    /** Letters to replace, such as `ä` by `ae`. */
    letters,
    numbers: foldKeys(Object.entries(data.numbers)),
    /** 1 to 4, and -1 for "last". */
    ordinals: foldKeys(Object.entries(data.ordinals)),
    /** What may follow the digits of an ordinal number. */
    ordinalSuffixes: new Set(data.ordinal_suffixes),
    /** 0 is Monday. */
    weekdays,
    /** Abbreviations of weekdays that are a title before a name, such as `fr.`. */
    titles: fold(data.titles),
    /** As `weekdays`, with words that mean a weekday only in a list. */
    listWeekdays: new Map([...weekdays, ...numberWords(data.weekdays_in_lists, 0, letters)]),
    /** 1 is January. */
    months: numberWords(data.months, 1, letters),
    /** Whether "dec 1" is a date. */
    monthBeforeDay: data.month_before_day,
    units: foldKeys(flipGroups(data.units)),
    /** Names of days, such as `today` and `end_of_month`. */
    dates: makeTable(flipGroups(data.dates), letters),
    this: fold(data.this),
    next: fold(data.next),
    in: fold(data.in),
    of: fold(data.of),
    /** Parts of the day in minutes after midnight. */
    parts,
    /** Weekday and minutes of compounds, such as "montagabend". */
    joinedParts: data.joins_parts
      ? joinParts(weekdays, parts, noon)
      : new Map<string, JoinedPart>(),
    noon,
    at: fold(data.at),
    am: fold(data.am),
    pm: fold(data.pm),
    oclock: fold(data.oclock),
    leadIns: makePhrases(data.lead_ins),
    /** Words after which a phrase at the end of the text is not recognised. */
    noPhraseAfter: fold(data.no_phrase_after),
    every: fold(data.every),
    other: fold(data.other),
    /** Unit and interval of repeats such as "daily". */
    adverbs: foldKeys(
      Object.entries(data.adverbs).map(([word, value]) => [word, readAdverb(value)]),
    ),
    /** Weekdays of repeats such as "montags". */
    dayAdverbs: foldKeys(Object.entries(data.day_adverbs)),
    workday: makePhrases(data.workday),
    weekend: fold(data.weekend),
    and: fold(data.and),
    repeatOn: makePhrases(data.repeat_on),
    ofTheMonth: makePhrases(data.of_the_month),
    /** Whether "every second tuesday" without "of the month" is every other Tuesday. */
    ordinalWeekdayCountsWeeks: data.ordinal_weekday_counts_weeks,
    starting: makePhrases(data.starting),
    until: makePhrases(data.until),
    for: fold(data.for),
    times: fold(data.times),
    fromCompletion: makePhrases(data.from_completion),
  };
}

interface JoinedPart {
  readonly weekday: number;
  readonly minutes: number;
}

/** Return the group of each word. */
function flipGroups(groups: WordMap<readonly string[]>): [word: string, group: string][] {
  return Object.entries(groups).flatMap(([group, words]) =>
    words.map((word): [string, string] => [word, group]),
  );
}

function readAdverb(value: readonly (string | number)[]): { unit: string; interval: number } {
  return { unit: String(value[0]), interval: Number(value[1]) };
}

function makeTable<Value>(
  values: readonly (readonly [phrase: string, value: Value])[],
  letters: ReadonlyMap<string, string>,
): PhraseTable<Value> {
  const table = new Map<string, { rest: string[]; value: Value }[]>();
  for (const [phrase, value] of values) {
    const [first = "", ...rest] = phrase.split(" ").map((word) => foldWord(word, letters));
    const candidates = table.get(first) ?? [];
    candidates.push({ rest, value });
    table.set(first, candidates);
  }
  for (const candidates of table.values()) {
    candidates.sort((one, other) => other.rest.length - one.rest.length);
  }
  return table;
}

/** Return the number of each word: its group's. Abbreviations also end with a full stop. */
function numberWords(
  groups: readonly (readonly string[])[],
  first: number,
  letters: ReadonlyMap<string, string>,
): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const [offset, words] of groups.entries()) {
    for (const word of words) {
      const key = foldWord(word, letters);
      numbers.set(key, first + offset);
      if (key.length < MAX_ABBREVIATION && !key.endsWith("."))
        numbers.set(`${key}.`, first + offset);
    }
  }
  return numbers;
}

function joinParts(
  weekdays: ReadonlyMap<string, number>,
  parts: ReadonlyMap<string, number>,
  noon: ReadonlySet<string>,
): Map<string, JoinedPart> {
  const times = new Map([...parts, ...[...noon].map((word): [string, number] => [word, NOON])]);
  const joined = new Map<string, JoinedPart>();
  for (const [name, weekday] of weekdays) {
    for (const [part, minutes] of times) joined.set(name + part, { weekday, minutes });
  }
  return joined;
}
