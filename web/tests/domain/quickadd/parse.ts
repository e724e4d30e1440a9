/** Parses texts in tests. */
import { makeNow } from "../../../src/domain/due.ts";
import { loadLanguage } from "../../../src/domain/quickadd/languages.ts";
import { parseQuickAdd } from "../../../src/domain/quickadd/parser.ts";
import type { DateOrder, Issue, QuickAdd } from "../../../src/domain/quickadd/result.ts";

export interface ParseOptions {
  readonly language?: string;
  readonly now?: string;
  readonly zone?: string;
  readonly dateOrder?: DateOrder;
}

/** A Wednesday. */
export const NOW = "2026-11-25T10:00:00+01:00";

const languages = { de: await loadLanguage("de"), en: await loadLanguage("en") };

/** Parse a text, by default in English on a Wednesday in Berlin. */
export function parse(text: string, options: ParseOptions = {}): QuickAdd {
  return parseQuickAdd(text, {
    now: makeNow(Date.parse(options.now ?? NOW), options.zone ?? "Europe/Berlin"),
    language: options.language === "de" ? languages.de : languages.en,
    dateOrder: options.dateOrder ?? "none",
  });
}

/** Return the position in code points of an index of a string. */
export function toCodePoints(text: string, index: number): number {
  return [...text.slice(0, index)].length;
}

/** Return errors or warnings in the notation of the vectors: positions count code points. */
export function listIssues(text: string, issues: readonly Issue[]) {
  return issues.map(({ code, start, end }) => ({
    ...{ code, start: toCodePoints(text, start), end: toCodePoints(text, end) },
  }));
}
