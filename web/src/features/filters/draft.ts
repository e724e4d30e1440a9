/** What a saved filter must be like before it can be sent. Pure. */
import { parseFilter } from "../../domain/filter/parser.ts";
import { makeNameKey } from "../../domain/names.ts";
import type { SavedFilterRow } from "../../domain/rows.ts";

export type FilterDraft = Pick<SavedFilterRow, "name" | "filter" | "color" | "shared">;

export type FilterDraftError = "name_missing" | "name_long" | "name_taken" | "filter";

/** The longest name that the server accepts, in characters. */
const MAX_NAME_LENGTH = 200;

/**
 * Find what keeps a filter from being saved.
 *
 * Names are unique among the own filters, and among the shared ones.
 *
 * @param id the filter that is changed; null for a new one.
 */
export function checkFilter(
  draft: FilterDraft,
  filters: readonly SavedFilterRow[],
  id: string | null,
): FilterDraftError | null {
  const name = draft.name.trim();
  if (name === "") return "name_missing";
  if ([...name].length > MAX_NAME_LENGTH) return "name_long";
  const key = makeNameKey(name);
  const others = filters.filter((row) => row.id !== id && row.shared === draft.shared);
  if (others.some((row) => makeNameKey(row.name) === key)) return "name_taken";
  const isFilter = draft.filter.trim() !== "" && parseFilter(draft.filter).error === null;
  return isFilter ? null : "filter";
}

/** A filter for some tasks of a list: with the condition of the list, such as `#Household`. */
export function addScope(scope: string, text: string): string {
  const { node } = parseFilter(text);
  return node?.type === "or" ? `${scope} (${text.trim()})` : `${scope} ${text.trim()}`;
}

/** A name after `#` or `@`, in quotation marks where it needs them. */
export function quoteName(name: string): string {
  return /^[\p{L}\p{N}_-]+$/u.test(name) ? name : `"${name.replace(/[\\"]/g, "\\$&")}"`;
}
