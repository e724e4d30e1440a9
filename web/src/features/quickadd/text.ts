/** Changes to the text of quick add. All functions are pure. */
import {
  completeName,
  findSpanBefore,
  type TypedName,
  turnIntoText,
} from "../../domain/quickadd/editing.ts";
import type { Span } from "../../domain/quickadd/result.ts";

/** A text and the place of the caret in it. */
export interface Edited {
  readonly text: string;
  readonly caret: number;
}

/** Turn the part that ends at the caret back into text, as Backspace does; null if none ends there. */
export function undoPartBefore({ text, caret }: Edited, spans: readonly Span[]): Edited | null {
  const span = findSpanBefore(spans, caret);
  return span && { text: turnIntoText(text, span), caret: caret + 1 };
}

/** Turn the part around the caret back into text, as a click on it does; null if there is none. */
export function undoPartAt({ text, caret }: Edited, spans: readonly Span[]): Edited | null {
  const span = spans.find(
    ({ kind, start, end }) => start < caret && caret < end && kind !== "description",
  );
  return span ? { text: turnIntoText(text, span), caret: caret + 1 } : null;
}

/** Put a word in the place of a part, or at the end of the title if there is none. */
export function replacePart(text: string, span: Span | undefined, word: string): Edited {
  if (span) {
    const before = text.slice(0, span.start) + word;
    return { text: before + text.slice(span.end), caret: before.length };
  }
  const base = text.trimEnd();
  const joined = base ? `${base} ${word}` : word;
  return { text: joined, caret: joined.length };
}

/** Put a chosen name in the place of the one that is being typed. */
export function complete(text: string, typed: TypedName, name: string): Edited {
  const { text: completed, position } = completeName(text, typed, name);
  return { text: completed, caret: position };
}

const BULLET = /^\s*(?:[-*+•]\s+|\d+[.)]\s+)?(?:\[[ xX]\]\s+)?/;

/** The tasks of several lines, without bullets and boxes. */
export function splitLines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.replace(BULLET, "").trim())
    .filter(Boolean);
}
