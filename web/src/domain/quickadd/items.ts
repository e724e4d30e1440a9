/**
 * Items of quick add: `#category`, `@tag`, `+assignee`, `p1`, `^12` and `!30m`. The port of
 * `items.py`.
 */
import { foldWord } from "./language.ts";
import type { IssueCode, QuickAdd } from "./result.ts";
import type { Sentence } from "./sentence.ts";
import { findTime, formatMinutes } from "./times.ts";
import { startsQuotation, WHITE_SPACE, type Word } from "./words.ts";

/** Numbers, such as "#123", "+49" and "+1.5%", are not names. */
const NUMBER = /^[0-9.,:;/()%-]+$/;
const PRIORITY = /^[pP][1-5]$/;
const PARENT = /^\^[1-9][0-9]{0,8}$/;
const REMINDER = /^!([0-9]{1,4})([mhdwMHDW])$/;
const ITEM_STARTS = "#@+!^pP";

type NameKind = "category" | "tag" | "assignee";

/** An item: the field that it sets, and the value. */
export interface Item {
  readonly kind: NameKind | "priority" | "parent" | "reminder";
  readonly value: string;
}

/**
 * Return the item that a word is; null if it is none.
 *
 * @param sentence - provides the language. Its words are not used.
 */
export function findItem(word: Word, sentence: Sentence): Item | null {
  const sign = word.text.charAt(0);
  const nameKind = getNameKind(sign);
  const name = word.text.slice(1);
  if (word.kind === "name") return nameKind && { kind: nameKind, value: name };
  if (word.kind !== "plain" || !ITEM_STARTS.includes(sign)) return null;
  if (nameKind !== null) return isName(sign, name) ? { kind: nameKind, value: name } : null;
  if (sign === "!") return findReminder(word.text, sentence);
  if (PRIORITY.test(word.text)) return { kind: "priority", value: name };
  return PARENT.test(word.text) ? { kind: "parent", value: name } : null;
}

/** Return whether a name after a sign is recognised without quotation marks. */
export function isBareName(sign: string, name: string): boolean {
  const isLiteral = startsQuotation(name) || name.includes("://");
  return isName(sign, name) && !isLiteral && !WHITE_SPACE.test(name);
}

function isName(sign: string, name: string): boolean {
  return name !== "" && !name.startsWith(sign) && !NUMBER.test(name);
}

function getNameKind(sign: string): NameKind | null {
  if (sign === "#") return "category";
  if (sign === "@") return "tag";
  return sign === "+" ? "assignee" : null;
}

function findReminder(text: string, sentence: Sentence): Item | null {
  const [, digits, unit] = REMINDER.exec(text) ?? [];
  if (digits !== undefined && unit !== undefined) {
    const upper = unit.toUpperCase();
    const prefix = upper === "M" || upper === "H" ? "-PT" : "-P";
    return { kind: "reminder", value: `${prefix}${Number(digits)}${upper}` };
  }
  const key = foldWord(text.slice(1), sentence.language.letters);
  const time = findTime({ ...sentence, keys: [key] }, 0);
  return time && { kind: "reminder", value: formatMinutes(time.minutes) };
}

/** Set the field of an item. A second value of a field with one value is an error. */
export function addItem(task: QuickAdd, item: Item, word: Word): void {
  const { start, end } = word;
  const { kind, value } = item;
  task.spans.push({ kind, start, end });
  if (kind === "tag") {
    task.tags.push(value);
  } else if (kind === "reminder") {
    task.reminders.push(value);
  } else if (task[kind] !== null) {
    const code: IssueCode = `two_${kind}`;
    task.errors.push({ code, start, end });
  } else if (kind === "priority" || kind === "parent") {
    task[kind] = Number(value);
  } else {
    task[kind] = value;
  }
}

/** Return the names in order, without names that differ only in case from an earlier one. */
export function dropDuplicates(names: readonly string[]): string[] {
  const firstNames = new Map<string, string>();
  for (const name of names) {
    const key = name.toLowerCase();
    if (!firstNames.has(key)) firstNames.set(key, name);
  }
  return [...firstNames.values()];
}
