/** Fetching changes: page after page, each stored with its token in one transaction. */
import { ProblemError } from "../api/problems.ts";
import { getChanges, type Page } from "../api/sync.ts";
import { dropRest, FIRST_STATE, type State, writePage } from "./disk.ts";
import type { Entry } from "./entry.ts";
import type { Lists, Memory } from "./memory.ts";
import type { Tab } from "./tab.ts";

/**
 * Fetch all pages after the token, the first walk included. It can be repeated at any point: a page
 * that was not stored is sent again.
 *
 * @throws LostLeadError another tab leads now.
 */
export async function pull(tab: Tab, signal?: AbortSignal): Promise<void> {
  for (let hasMore = true; hasMore; ) {
    const page = await fetchPage(tab, signal);
    await applyPage(tab, page);
    hasMore = page.hasMore;
  }
}

async function fetchPage(tab: Tab, signal: AbortSignal | undefined): Promise<Page> {
  const since = tab.mustReset ? null : tab.state.peek().token;
  try {
    return await getChanges(tab.http, { workspace: tab.workspace, since, signal });
  } catch (error) {
    const isOld = error instanceof ProblemError && error.status === 410 && since !== null;
    if (!isOld) throw error;
    // The token is older than the log. The rows are dropped, the outbox stays.
    tab.mustReset = true;
    return await fetchPage(tab, signal);
  }
}

async function applyPage(tab: Tab, page: Page): Promise<void> {
  const { memory } = tab;
  const reset = tab.mustReset;
  const before = tab.state.peek();
  const state = advance(reset ? { ...FIRST_STATE, workspace: before.workspace } : before, page);
  const isComplete = !page.hasMore;
  const dropped = isComplete ? listDone(memory, page.revision) : [];
  // A reset drops all rows, and what is not sent again is gone.
  const done = new Set(dropped);
  const put = reset
    ? listWithRow(memory, ({ key }) => !done.has(key))
    : listLost(memory, page, done);
  const stored = await storePage(tab, {
    page,
    state,
    lists: hasLists(page) || reset ? getListsAfter(reset ? null : memory.getLists(), page) : null,
    isNew: (id) => reset || memory.tasks.getServer(id) === undefined,
    doneEntries: dropped,
    changedEntries: put,
    reset,
    epoch: tab.epoch,
  });
  tab.mustReset = false;
  memory.change(() => {
    if (reset) memory.clearServer();
    memory.applyPage(page);
    memory.putEntries(put);
    memory.dropEntries(dropped);
    tab.state.value = stored;
  });
  tab.emit({ type: "page", page, from: before.token, state: stored, reset, put, dropped });
}

/** Store a page. When the storage is full, done tasks are kept in memory only. */
async function storePage(tab: Tab, write: Parameters<typeof writePage>[1]): Promise<State> {
  try {
    return await writePage(tab.database, write);
  } catch (error) {
    if (!isQuotaError(error) || write.state.partial) throw error;
    const state = await dropRest(tab.database, write.state, write.epoch);
    return await writePage(tab.database, { ...write, state });
  }
}

/** Whether the browser has no more space for this site. */
export function isQuotaError(error: unknown): boolean {
  return error instanceof DOMException && error.name === "QuotaExceededError";
}

function advance(state: State, page: Page): State {
  const isComplete = !page.hasMore;
  return {
    ...state,
    token: page.next,
    revision: isComplete ? page.revision : state.revision,
    ready: state.ready || isComplete,
    loaded: state.ready ? state.loaded : state.loaded + page.tasks.length,
    total: page.total ?? state.total,
    workspace: page.workspace ?? state.workspace,
  };
}

/** Entries whose result the replica contains after a complete pull. */
function listDone(memory: Memory, revision: number): string[] {
  return [...memory.entries.values()]
    .filter((entry) => entry.doneAt !== null && entry.doneAt <= revision)
    .map((entry) => entry.key);
}

/** Entries of rows that are deleted for good, with the last row, so that it can be added again. */
function listLost(memory: Memory, page: Page, dropped: ReadonlySet<string>): Entry[] {
  const removed = new Set(page.removed.map(({ kind, id }) => `${kind}:${id}`));
  return listWithRow(memory, ({ key, change }) => {
    return !dropped.has(key) && removed.has(`${change.kind}:${change.id}`);
  });
}

/** Entries with the last known row of the server, as far as there is one. */
function listWithRow(memory: Memory, isWanted: (entry: Entry) => boolean): Entry[] {
  return [...memory.entries.values()].filter(isWanted).flatMap((entry) => {
    const { kind, id } = entry.change;
    const lost = (kind === "task" ? memory.tasks : memory.labels[kind]).getServer(id);
    return lost === undefined ? [] : [{ ...entry, lost, edit: entry.edit + 1 }];
  });
}

function hasLists(page: Page): boolean {
  const { categories, tags, filters, members, removed } = page;
  const changed = categories.length + tags.length + filters.length + members.length;
  return changed > 0 || removed.some(({ kind }) => kind !== "task" && kind !== "occurrence");
}

function getListsAfter(lists: Lists | null, page: Page): Lists {
  const removed = new Set(page.removed.map(({ id }) => id));
  const replace = <R extends { readonly id: string }>(old: readonly R[], rows: readonly R[]) => {
    const all = new Map([...old, ...rows].map((row) => [row.id, row]));
    return [...all.values()].filter((row) => !removed.has(row.id));
  };
  return {
    categories: replace(lists?.categories ?? [], page.categories),
    tags: replace(lists?.tags ?? [], page.tags),
    filters: replace(lists?.filters ?? [], page.filters),
    members: replace(lists?.members ?? [], page.members),
  };
}
