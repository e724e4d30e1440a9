/**
 * Parser of quick add: finds items and one phrase in a text. The remaining words are the title. The
 * port of `parser.py`.
 */
import type { Now } from "../due.ts";
import { findDueDate } from "./dueDates.ts";
import { addItem, dropDuplicates, findItem } from "./items.ts";
import { foldWord, type Language, skipPhrase } from "./language.ts";
import { findRepeat } from "./repeats.ts";
import type { DateOrder, Issue, Phrase, QuickAdd, SpanKind, UsablePhrase } from "./result.ts";
import { getKey, type Sentence } from "./sentence.ts";
import { formatMinutes } from "./times.ts";
import { type SplitText, splitText, type Word } from "./words.ts";

/** Longer phrases are not searched for, so that the time does not grow with the text's square. */
const MAX_PHRASE_WORDS = 40;
const CAPITAL = /^\p{Uppercase}/u;

/** What the meaning of a text depends on. */
export interface QuickAddContext {
  readonly now: Now;
  readonly language: Language;
  readonly dateOrder: DateOrder;
}

/**
 * Parse a text.
 *
 * Items are recognised anywhere. A phrase (a due date or a repeat) is recognised at the end or else
 * at the beginning of the other words, if it leaves a title. The longest phrase wins.
 */
export function parseQuickAdd(text: string, context: QuickAddContext): QuickAdd {
  const split = splitText(text);
  const task = makeResult(split);
  const words = readItems(task, split, { ...context, keys: [] });
  const sentence = { ...context, keys: makeKeys(words, context.language) };
  task.title = readPhrase(task, split.words, words, sentence).join(" ");
  if (split.descriptionStart !== null) {
    task.spans.push({ kind: "description", start: split.descriptionStart, end: text.length });
  }
  check(task, text);
  task.spans.sort((one, other) => one.start - other.start);
  task.errors.sort((one, other) => one.start - other.start);
  return task;
}

function makeResult(split: SplitText): QuickAdd {
  return {
    ...{ title: "", description: split.description, due_date: null, category: null, tags: [] },
    ...{ priority: null, assignee: null, parent: null, reminders: [] },
    ...{ repeat_rule: null, repeat_mode: null, spans: [], errors: [...split.errors], warnings: [] },
  };
}

/** Add all items to the task; return the other words. */
function readItems(task: QuickAdd, split: SplitText, sentence: Sentence): Word[] {
  const words: Word[] = [];
  for (const word of split.words) {
    const item = findItem(word, sentence);
    if (item === null) words.push(word);
    else addItem(task, item, word);
  }
  task.tags = dropDuplicates(task.tags);
  task.reminders = dropDuplicates(task.reminders);
  return words;
}

/** Return the keys of the words at the beginning and the end, where a phrase may be. */
function makeKeys(words: readonly Word[], language: Language): string[] {
  const lastStart = words.length - MAX_PHRASE_WORDS - 1;
  return words.map((word, index) => {
    const isInMiddle = index >= MAX_PHRASE_WORDS && index < lastStart;
    return word.kind !== "plain" || isInMiddle ? "" : makeKey(word, language);
  });
}

function makeKey(word: Word, language: Language): string {
  // A comma separates the parts of a phrase: "every mon, wed and fri", "dec 1, 2027".
  return dropSuffix(foldWord(word.text, language.letters), ",");
}

/**
 * Add the due date or the repeat to the task; return the words of the title.
 *
 * @param allWords - all words, in the order of the text.
 * @param words - the words that are not items.
 * @param sentence - the keys of these words.
 */
function readPhrase(
  task: QuickAdd,
  allWords: readonly Word[],
  words: readonly Word[],
  sentence: Sentence,
): string[] {
  const atEnd = findPhraseAtEnd(words, sentence);
  let start = atEnd.start;
  let phrase = dropUnusable(task, atEnd.phrase, words);
  if (phrase === null) {
    start = 0;
    phrase = dropUnusable(task, findPhraseAtBeginning(words, sentence), words);
  }
  if (phrase === null) return words.map((word) => word.text);
  addPhrase(task, phrase);
  addPhraseSpans(task, phrase, words.slice(start, phrase.end), allWords);
  const rest = [...words.slice(0, start), ...words.slice(phrase.end)];
  const title = rest.map((word) => word.text);
  return words[start - 1]?.kind === "plain" ? dropComma(title) : title;
}

/** Return the words without a comma at their end, unless nothing else is left. */
function dropComma(title: readonly string[]): string[] {
  const last = dropSuffix(title.at(-1) ?? "", ",");
  const rest = last === "" ? title.slice(0, -1) : [...title.slice(0, -1), last];
  return rest.length > 0 ? rest : [...title];
}

/**
 * Return the longest phrase that ends with the last word, and the index of its first word.
 *
 * If the longest phrase is rejected, no shorter one is used: "for friday at 9" does not mean today at
 * 9. A backslash before the first word rejects the whole phrase.
 */
function findPhraseAtEnd(
  words: readonly Word[],
  sentence: Sentence,
): { start: number; phrase: Phrase | null } {
  const first = Math.max(0, words.length - MAX_PHRASE_WORDS);
  for (const [offset, word] of words.slice(first).entries()) {
    const start = first + offset;
    const isEscaped = word.kind === "escaped";
    if (isEscaped) sentence.keys[start] = makeKey(word, sentence.language);
    const phrase = getKey(sentence, start) === "" ? null : findPhrase(sentence, start);
    if (isEscaped) sentence.keys[start] = "";
    if (phrase?.end === words.length) {
      const isText = start === 0 || isEscaped || belongsToTitle(sentence, start);
      return { start, phrase: isText ? null : phrase };
    }
  }
  return { start: 0, phrase: null };
}

/** Return whether a word such as "before" or "the" precedes a phrase at the end of the text. */
function belongsToTitle(sentence: Sentence, start: number): boolean {
  const { language, keys } = sentence;
  if (!language.noPhraseAfter.has(getKey(sentence, start - 1))) return false;
  const hasLeadIn = skipPhrase(language.leadIns, keys, start) !== null;
  return !hasLeadIn && !language.at.has(getKey(sentence, start));
}

function findPhraseAtBeginning(words: readonly Word[], sentence: Sentence): Phrase | null {
  const phrase = findPhrase(sentence, 0);
  if (phrase === null || phrase.end === words.length) return null;
  return phrase.end === 1 && isTitle(words, sentence) ? null : phrase;
}

/** Return whether the first word is the title of a person, as in "Fr. Müller anrufen". */
function isTitle(words: readonly Word[], sentence: Sentence): boolean {
  const isKnown = sentence.language.titles.has(getKey(sentence, 0));
  const [first, second] = words;
  return isKnown && first?.text.endsWith(".") === true && CAPITAL.test(second?.text ?? "");
}

function findPhrase(sentence: Sentence, index: number): Phrase | null {
  try {
    return findRepeat(sentence, index) ?? findDueDate(sentence, index);
  } catch (error) {
    // The date is after the year 9999.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Return the phrase, or null and add a warning if it cannot be used. */
function dropUnusable(
  task: QuickAdd,
  phrase: Phrase | null,
  words: readonly Word[],
): UsablePhrase | null {
  if (phrase === null || phrase.issue === null) return phrase;
  const start = words[phrase.issueStart]?.start ?? 0;
  const end = words[phrase.issueEnd - 1]?.end ?? 0;
  task.warnings.push({ code: phrase.issue, start, end });
  return null;
}

function addPhrase(task: QuickAdd, phrase: UsablePhrase): void {
  const time = phrase.minutes === null ? "" : `T${formatMinutes(phrase.minutes)}:00`;
  task.due_date = phrase.day + time;
  task.repeat_rule = phrase.rule;
  if (phrase.countsFromCompletion) task.repeat_mode = "completion";
}

/** Add a span for each part of the phrase. Items may separate the parts. */
function addPhraseSpans(
  task: QuickAdd,
  phrase: UsablePhrase,
  words: readonly Word[],
  allWords: readonly Word[],
): void {
  const kind: SpanKind = phrase.rule === null ? "due_date" : "repeat";
  const starts = new Set(words.map((word) => word.start));
  let [start, end]: [number | null, number] = [null, 0];
  const close = () => {
    if (start !== null) task.spans.push({ kind, start, end });
    start = null;
  };
  for (const word of allWords) {
    if (starts.has(word.start)) [start, end] = [start ?? word.start, word.end];
    else close();
  }
  close();
}

function check(task: QuickAdd, text: string): void {
  if (task.title === "") task.errors.push({ code: "no_title", start: 0, end: text.length });
  if (task.due_date !== null) return;
  const reminders = task.spans.filter((span) => span.kind === "reminder");
  const code: Issue["code"] = "reminder_without_date";
  task.errors.push(...reminders.map(({ start, end }) => ({ code, start, end })));
}

function dropSuffix(text: string, suffix: string): string {
  return text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
}
