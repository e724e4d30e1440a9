import type { Query } from "../../domain/search.ts";
import { makeExcerpt } from "../../domain/searchMarks.ts";
import { markParts } from "../Marked.tsx";

/** Characters of an excerpt: about a line. */
const LENGTH = 120;

/** The part of a description that a search has found; nothing if it has found none there. */
export function Excerpt({ text, query }: { text: string; query: Query }) {
  const { text: part, marks, isCutBefore, isCutAfter } = makeExcerpt(text, query, LENGTH);
  if (marks.length === 0) return null;
  return (
    <span class="excerpt">
      <bdi>
        {isCutBefore && "…"}
        {markParts(part, marks)}
        {isCutAfter && "…"}
      </bdi>
    </span>
  );
}
