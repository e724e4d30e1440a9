/**
 * Editing of a text of quick add: turns a recognised part back into text, and completes names.
 *
 * Positions are indexes of the string, as in a selection.
 */
import { isBareName } from "./items.ts";
import type { Span } from "./result.ts";
import { WHITE_SPACE } from "./words.ts";

/** A name that is being typed: its kind, the text so far, and its place with the sign. */
export interface TypedName {
  readonly kind: "category" | "tag" | "assignee";
  readonly prefix: string;
  readonly start: number;
  readonly end: number;
}

const KINDS = new Map<string, TypedName["kind"]>([
  ["#", "category"],
  ["@", "tag"],
  ["+", "assignee"],
]);
/** Opening and closing marks. */
const QUOTATION_MARKS = ['""', "“”", "«»"];
const DESCRIPTION = /(?:^|\s)\/\/\s/;

/** Return the part that ends right before a position, for example at Backspace; null if none does. */
export function findSpanBefore(spans: readonly Span[], position: number): Span | null {
  return spans.find((span) => span.end === position && span.kind !== "description") ?? null;
}

/** Return the text in which a part is text: with a backslash before its first word. */
export function turnIntoText(text: string, span: Span): string {
  return `${text.slice(0, span.start)}\\${text.slice(span.start)}`;
}

/**
 * Return the name that is being typed before a position, so that it can be completed: a word that
 * begins with `#`, `@` or `+`, or with one of them and an open quotation mark.
 */
export function findTypedName(text: string, position: number): TypedName | null {
  const before = text.slice(0, position);
  const quoted = /(?:^|\s)([#@+])["“„«»]([^"“”„«»]*)$/.exec(before);
  const found = quoted ?? /(?:^|\s)([#@+])((?!["“„«»])\S*)$/.exec(before);
  const [sign = "", prefix = ""] = found?.slice(1) ?? [];
  const kind = KINDS.get(sign);
  if (kind === undefined || prefix.startsWith(sign) || DESCRIPTION.test(before)) return null;
  const start = before.length - prefix.length - (quoted === null ? 1 : 2);
  return { kind, prefix, start, end: position };
}

/**
 * Replace a name that is being typed by a whole one, with quotation marks if it needs them.
 *
 * @returns the text, and the position behind the name and the space after it.
 */
export function completeName(
  text: string,
  typed: TypedName,
  name: string,
): { text: string; position: number } {
  const sign = text.charAt(typed.start);
  const before = `${text.slice(0, typed.start)}${sign}${quoteName(sign, name)}`;
  const after = text.slice(typed.end);
  const space = WHITE_SPACE.test(after.charAt(0)) ? "" : " ";
  return { text: before + space + after, position: before.length + 1 };
}

function quoteName(sign: string, name: string): string {
  if (isBareName(sign, name)) return name;
  const marks = QUOTATION_MARKS.find((pair) => !name.includes(pair.charAt(1))) ?? '""';
  return `${marks.charAt(0)}${name}${marks.charAt(1)}`;
}
