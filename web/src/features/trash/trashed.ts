/** What the trash shows. Pure. */
import type { TaskRow } from "../../domain/rows.ts";
import { parseSearch, type SearchedName, searchAll } from "../../domain/search.ts";

/** A task in the trash. */
export interface Trashed {
  readonly row: TaskRow;
  /** The number of sub-tasks that were deleted with it, on all levels. */
  readonly below: number;
}

/**
 * The deleted tasks, the latest first. Sub-tasks that were deleted with their parent are part of
 * it: they are restored and purged with it.
 *
 * @param text finds tasks by their words, then also such sub-tasks.
 * @param names the categories and the tags, whose names are searched too.
 */
export function listTrashed(
  rows: readonly TaskRow[],
  text: string,
  names: readonly SearchedName[],
): Trashed[] {
  const query = parseSearch(text);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const below = countBelow(rows, byId);
  const latest = [...rows].sort(compareDeleted);
  const isSearched = query.required.length > 0;
  const found = isSearched ? findIds(latest, text, names) : null;
  return latest
    .filter((row) => (found ? found.has(row.id) : findParent(row, byId) === null))
    .map((row) => ({ row, below: below.get(row.id) ?? 0 }));
}

function findIds(rows: readonly TaskRow[], text: string, names: readonly SearchedName[]) {
  const { hits } = searchAll(parseSearch(text), rows, names, { limit: rows.length });
  return new Set(hits.map(({ id }) => id));
}

function compareDeleted(one: TaskRow, other: TaskRow): number {
  const [first, second] = [one.deleted_at ?? "", other.deleted_at ?? ""];
  if (first !== second) return first < second ? 1 : -1;
  return one.position < other.position ? -1 : one.position > other.position ? 1 : 0;
}

/** The parent with which a task was deleted; null if it was deleted alone. */
function findParent(row: TaskRow, byId: ReadonlyMap<string, TaskRow>): TaskRow | null {
  const parent = row.parent === null ? undefined : byId.get(row.parent);
  return parent !== undefined && parent.deleted_at === row.deleted_at ? parent : null;
}

function countBelow(
  rows: readonly TaskRow[],
  byId: ReadonlyMap<string, TaskRow>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const seen = new Set([row.id]);
    let above = findParent(row, byId);
    while (above !== null && !seen.has(above.id)) {
      seen.add(above.id);
      counts.set(above.id, (counts.get(above.id) ?? 0) + 1);
      above = findParent(above, byId);
    }
  }
  return counts;
}
