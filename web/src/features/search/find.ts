/** The search of the replica, for the search page and the palette. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { compareByPosition } from "../../domain/order.ts";
import type { TaskRow } from "../../domain/rows.ts";
import { parseSearch, type Query, type SearchResult, searchTasks } from "../../domain/search.ts";
import { findMarks } from "../../domain/searchMarks.ts";
import type { Replica } from "../../replica/replica.ts";
import { useApp } from "../app.ts";
import { getRows, listOpen } from "../rows.ts";
import { runInSlices } from "./slices.ts";

export interface FindOptions {
  /** Whether done and cancelled tasks are found too. */
  readonly done: boolean;
  readonly limit: number;
}

export interface Found extends SearchResult {
  readonly query: Query;
  /** The text whose result this is; null before the first result. */
  readonly text: string | null;
}

/** Tasks per slice: about 2 ms of work. */
const SLICE = 10_000;

/** What a text finds in the replica, again after each change of a task. */
export function useFound(text: string, { done, limit }: FindOptions): Found {
  const { replica } = useApp();
  const query = useMemo(() => parseSearch(text), [text]);
  const [found, setFound] = useState<Found>({ hits: [], total: 0, query, text: null });
  const all = replica.bucket("all", "").value;
  const [categories, tags] = [replica.categories.value, replica.tags.value];
  useEffect(() => {
    const sources = query.required.length === 0 ? [] : listSources(replica, done);
    const steps = searchTasks(query, sources, [...categories, ...tags], { limit, slice: SLICE });
    return runInSlices(steps, (result) => setFound({ ...result, query, text }));
  }, [replica, query, text, done, limit, all, categories, tags]);
  return found;
}

/** The tasks to search: the open ones in manual order, then the closed ones, the latest first. */
export function listSources(replica: Replica, done: boolean): TaskRow[][] {
  const open = listOpen(replica).sort(compareByPosition);
  if (!done) return [open];
  const ids = [
    ...replica.bucket("status", "done").value,
    ...replica.bucket("status", "cancelled").value,
  ];
  const closed = getRows(replica, ids).sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1));
  return [open, closed];
}

/** Whether a text has all parts of a query, for names that are no tasks. An empty query fits all. */
export function fits(text: string, query: Query): boolean {
  const has = (term: Query["required"][number]) =>
    findMarks(text, { required: [term], excluded: [] }).length > 0;
  return query.required.every(has) && !query.excluded.some(has);
}
