import type { ComponentChildren } from "preact";
import type { Query } from "../domain/search.ts";
import { findMarks, type Mark } from "../domain/searchMarks.ts";

/** A text with the parts that a search has found. */
export function Marked({ text, query }: { text: string; query: Query }) {
  return <>{markParts(text, findMarks(text, query))}</>;
}

/** A text whose parts are marked. The marks are in order and do not overlap. */
export function markParts(text: string, marks: readonly Mark[]): ComponentChildren[] {
  const pieces: ComponentChildren[] = [];
  let at = 0;
  for (const { start, end } of marks) {
    pieces.push(text.slice(at, start), <mark>{text.slice(start, end)}</mark>);
    at = end;
  }
  pieces.push(text.slice(at));
  return pieces;
}
