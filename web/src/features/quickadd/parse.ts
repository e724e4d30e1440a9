/** The parser of quick add for the person and the language of the interface. */
import { signal } from "@preact/signals";
import { makeNow } from "../../domain/due.ts";
import type { Language } from "../../domain/quickadd/language.ts";
import { loadLanguage } from "../../domain/quickadd/languages.ts";
import { parseQuickAdd } from "../../domain/quickadd/parser.ts";
import type { QuickAdd } from "../../domain/quickadd/result.ts";
import type { Person } from "../../domain/rows.ts";

/** The words of the language, once they are loaded. Until then no part is recognised. */
const words = signal<Language | null>(null);

/** Load the words of the language of the interface. Quick add calls it when it opens. */
export async function loadWords(code: string): Promise<void> {
  words.value = await loadLanguage(code);
}

/** Read a text for a person. A component that calls it re-renders when the words are loaded. */
export function parseTask(text: string, now: number, person: Person): QuickAdd {
  const language = words.value;
  if (language === null) return readAsTitle(text);
  const { time_zone, date_order: dateOrder } = person;
  return parseQuickAdd(text, { now: makeNow(now, time_zone), language, dateOrder });
}

function readAsTitle(text: string): QuickAdd {
  return {
    title: text.trim(),
    description: "",
    due_date: null,
    category: null,
    tags: [],
    priority: null,
    assignee: null,
    parent: null,
    reminders: [],
    repeat_rule: null,
    repeat_mode: null,
    spans: [],
    errors: text.trim() ? [] : [{ code: "no_title", start: 0, end: text.length }],
    warnings: [],
  };
}
