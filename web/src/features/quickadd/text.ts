/** Changes to the text of quick add. All functions are pure. */
import type { Span } from "../../domain/quickadd/result.ts";

/** A text and the place of the caret in it. */
export interface Edited {
  readonly text: string;
  readonly caret: number;
}

/** The part that ends at the caret: Backspace turns it back into text. */
export function findPartBefore(parts: readonly Span[], caret: number): Span | undefined {
  return parts.find(({ kind, end }) => end === caret && kind !== "description");
}

/** The part around the caret: a click turns it back into text. */
export function findPartAt(parts: readonly Span[], caret: number): Span | undefined {
  return parts.find(
    ({ kind, start, end }) => start < caret && caret < end && kind !== "description",
  );
}

/** Turn a part back into text, by a backslash before it. */
export function escapePart(text: string, part: Span, caret: number): Edited {
  const marked = `${text.slice(0, part.start)}\\${text.slice(part.start)}`;
  return { text: marked, caret: caret + 1 };
}

/** Put a word in the place of a part, or at the end of the title if there is none. */
export function replacePart(text: string, part: Span | undefined, word: string): Edited {
  if (part) {
    const before = text.slice(0, part.start) + word;
    return { text: before + text.slice(part.end), caret: before.length };
  }
  const base = text.trimEnd();
  const joined = base ? `${base} ${word}` : word;
  return { text: joined, caret: joined.length };
}

/** A name as it is written behind a sign: in quotation marks if it has spaces. */
export function writeName(sign: string, name: string): string {
  return /[\s"]/.test(name) ? `${sign}"${name.replaceAll('"', "")}"` : sign + name;
}

/** What is being completed: a sign and the beginning of a name, up to the caret. */
export interface Completion {
  readonly sign: "#" | "@" | "+";
  readonly typed: string;
  readonly start: number;
  readonly end: number;
}

const BEGUN = /(?:^|\s)([#@+])("[^"]*|[^\s"]*)$/;

/** The name that is being typed at the caret; null if there is none. */
export function findCompletion(text: string, caret: number): Completion | null {
  const found = BEGUN.exec(text.slice(0, caret));
  const [, sign, typed = ""] = found ?? [];
  if (sign !== "#" && sign !== "@" && sign !== "+") return null;
  const start = caret - typed.length - 1;
  return { sign, typed: typed.replace(/^"/, ""), start, end: caret };
}

/** Put a chosen name in the place of what is being typed, with a space behind it. */
export function complete(text: string, completion: Completion, name: string): Edited {
  const word = `${writeName(completion.sign, name)} `;
  const rest = text.slice(completion.end).replace(/^ /, "");
  const before = text.slice(0, completion.start) + word;
  return { text: before + rest, caret: before.length };
}

const BULLET = /^\s*(?:[-*+•]\s+|\d+[.)]\s+)?(?:\[[ xX]\]\s+)?/;

/** The tasks of several lines, without bullets and boxes. */
export function splitLines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.replace(BULLET, "").trim())
    .filter(Boolean);
}
