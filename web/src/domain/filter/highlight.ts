/** The text of a filter in pieces, for highlighting in its input. */
import type { FilterWarning } from "./names.ts";
import type { Parsed } from "./parser.ts";

/** A piece of the text. All pieces together are the text. */
export interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** The kind of the span: `operator`, `parenthesis` or the name of a field; null between spans. */
  readonly kind: string | null;
  /** `warning`: a name in it does not exist. `unread`: it is after an error. */
  readonly state: "valid" | "warning" | "error" | "unread";
}

/**
 * Divide a text at the ends of its spans and of its error.
 *
 * An error at the end of the text has no piece: show it there.
 *
 * @param parsed - the result of `parseFilter` for this text.
 * @param warnings - the warnings of its tree; empty if it has an error.
 */
export function splitPieces(
  text: string,
  parsed: Parsed,
  warnings: readonly FilterWarning[],
): Piece[] {
  const { error, spans } = parsed;
  const ends = spans.flatMap(({ start, end }) => [start, end]);
  if (error !== null) ends.push(error.start, error.end);
  const places = [...new Set([0, ...ends, text.length])].sort((one, other) => one - other);
  return places.slice(1).map((end, index) => {
    const start = places[index] ?? 0;
    const kind = spans.find((span) => span.start <= start && end <= span.end)?.kind ?? null;
    const isIn = (part: { start: number; end: number }) => part.start <= start && end <= part.end;
    let state: Piece["state"] = "valid";
    if (error !== null && isIn(error)) state = "error";
    else if (error !== null && start >= error.end) state = "unread";
    else if (kind !== null && warnings.some(isIn)) state = "warning";
    return { text: text.slice(start, end), start, end, kind, state };
  });
}
