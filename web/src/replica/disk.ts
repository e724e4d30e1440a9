/**
 * IndexedDB: one database per user and workspace.
 *
 * Tasks are stored in blocks of 1,000, which is thirty times faster than one record per task. Rows
 * that changed since are in `patches` and override the blocks; `fold.ts` writes new blocks.
 */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Page } from "../api/sync.ts";
import type { OccurrenceRow, TaskRow } from "../domain/rows.ts";
import type { Entry, Refused, Sending } from "./entry.ts";
import type { Lists } from "./memory.ts";

/** Rows per block. */
export const BLOCK_ROWS = 1000;
/** Another shape of stored rows: they are dropped and fetched again. The outbox stays. */
export const SHAPE = 1;

/** Where the replica is in the log of the server. */
export interface State {
  readonly shape: number;
  /** The sync token, or null before the first page. */
  readonly token: string | null;
  /** The revision at which the replica was last complete; 0 before the first walk has ended. */
  readonly revision: number;
  /** The first walk is complete. */
  readonly ready: boolean;
  readonly loaded: number;
  readonly total: number | null;
  readonly workspace: { readonly name: string; readonly personal: boolean } | null;
  /** The storage was full: done tasks are not stored, so the next start fetches all rows again. */
  readonly partial: boolean;
  /** The number of the last block. */
  readonly blocks: number;
}

export const FIRST_STATE: State = {
  shape: SHAPE,
  token: null,
  revision: 0,
  ready: false,
  loaded: 0,
  total: null,
  workspace: null,
  partial: false,
  blocks: 0,
};

export type StoredRow =
  | { readonly kind: "task"; readonly row: TaskRow }
  | { readonly kind: "occurrence"; readonly row: OccurrenceRow };

interface Patch {
  readonly id: string;
  readonly stored: StoredRow | null;
}

interface Block {
  /** `open`: needed to show the first page. `rest`: done tasks, trashed tasks and occurrences. */
  readonly part: "open" | "rest";
  readonly number: number;
  readonly rows: readonly StoredRow[];
}

/** The tab that leads, by rising numbers: a tab that lost the lead must not write rows. */
export interface Lease {
  readonly epoch: number;
  readonly owner: string;
  /** Milliseconds since 1970; only where there are no Web Locks. */
  readonly until: number;
}

interface Schema extends DBSchema {
  blocks: { key: [string, number]; value: Block };
  patches: { key: string; value: Patch };
  outbox: { key: string; value: Entry };
  refused: { key: string; value: Refused };
  drafts: { key: string; value: string };
  meta: { key: string; value: unknown };
}

export type Database = IDBPDatabase<Schema>;

/** Another tab leads now: this one must not write rows or send. */
export class LostLeadError extends Error {
  override readonly name = "LostLeadError";
}

/** Open the database of a user and workspace, and create it if it is new. */
export async function openDatabase(name: string, onClose: () => void): Promise<Database> {
  return await openDB<Schema>(name, 1, {
    upgrade(database) {
      database.createObjectStore("blocks", { keyPath: ["part", "number"] });
      database.createObjectStore("patches", { keyPath: "id" });
      database.createObjectStore("outbox", { keyPath: "key" });
      database.createObjectStore("refused", { keyPath: "key" });
      database.createObjectStore("drafts");
      database.createObjectStore("meta");
    },
    // Another tab deletes the database, or the browser has closed it.
    blocking: (_current, _blocked, event) => {
      (event.target as IDBDatabase).close();
      onClose();
    },
    terminated: onClose,
  });
}

/** The name of the database of a user and workspace. */
export function nameDatabase(user: string, workspace: string): string {
  return `taskstead:${user}:${workspace}`;
}

export interface Stored {
  readonly state: State;
  readonly lists: Lists | null;
  readonly patches: ReadonlyMap<string, StoredRow | null>;
  readonly entries: readonly Entry[];
  readonly refused: readonly Refused[];
  readonly sending: Sending | null;
}

/** Read everything but the blocks. */
export async function readStored(database: Database): Promise<Stored> {
  const stores = ["patches", "outbox", "refused", "meta"] as const;
  const transaction = database.transaction(stores);
  const meta = transaction.objectStore("meta");
  const [state, lists, sending, patches, entries, refused] = await Promise.all([
    meta.get("state"),
    meta.get("lists"),
    meta.get("sending"),
    transaction.objectStore("patches").getAll(),
    transaction.objectStore("outbox").getAll(),
    transaction.objectStore("refused").getAll(),
  ]);
  return {
    state: (state as State | undefined) ?? FIRST_STATE,
    lists: (lists as Lists | undefined) ?? null,
    sending: (sending as Sending | undefined) ?? null,
    patches: new Map(patches.map((patch) => [patch.id, patch.stored])),
    entries,
    refused,
  };
}

/** Read the rows of the blocks of one part, block after block. */
export async function* readBlocks(
  database: Database,
  part: Block["part"],
): AsyncGenerator<readonly StoredRow[]> {
  // One transaction, so that no other tab folds the blocks meanwhile. It stays open only if the
  // caller waits for nothing else.
  const { store } = database.transaction("blocks");
  const keys = await store.getAllKeys(IDBKeyRange.bound([part, 0], [part, Infinity]));
  for (const key of keys) {
    const block = await store.get(key);
    if (block !== undefined) yield block.rows;
  }
}

export interface PageWrite {
  readonly page: Page;
  readonly state: State;
  readonly lists: Lists | null;
  /** Rows that no earlier page had: they are stored in blocks. */
  readonly isNew: (id: string) => boolean;
  /** Entries that the replica now contains. */
  readonly doneEntries: readonly string[];
  /** Entries whose row is gone, with its last state. */
  readonly changedEntries: readonly Entry[];
  /** Rows of the server are dropped first. */
  readonly reset: boolean;
  readonly epoch: number;
}

/** Store a page and its token in one transaction. */
export async function writePage(database: Database, write: PageWrite): Promise<State> {
  const stores = ["blocks", "patches", "outbox", "meta"] as const;
  const transaction = database.transaction(stores, "readwrite");
  await checkLead(transaction, write.epoch);
  const blocks = transaction.objectStore("blocks");
  const patches = transaction.objectStore("patches");
  if (write.reset) await Promise.all([blocks.clear(), patches.clear()]);
  const rows = listStoredRows(write.page);
  const fresh = rows.filter(({ row }) => write.isNew(row.id));
  const blocked = fresh.length >= BLOCK_ROWS / 2 ? makeBlocks(fresh, write.state) : [];
  const inBlocks = new Set(blocked.flatMap((block) => block.rows.map(({ row }) => row.id)));
  for (const block of blocked) void blocks.put(block);
  for (const stored of rows) {
    if (inBlocks.has(stored.row.id) || isLeftOut(stored, write.state)) continue;
    void patches.put({ id: stored.row.id, stored });
  }
  for (const { id } of write.page.removed) void patches.put({ id, stored: null });
  for (const key of write.doneEntries) void transaction.objectStore("outbox").delete(key);
  for (const { key, lost, edit } of write.changedEntries) {
    const stored = await transaction.objectStore("outbox").get(key);
    if (stored === undefined || lost === undefined) continue;
    void transaction
      .objectStore("outbox")
      .put({ ...stored, lost, edit: Math.max(stored.edit + 1, edit) });
  }
  const state = { ...write.state, blocks: write.state.blocks + blocked.length };
  void transaction.objectStore("meta").put(state, "state");
  if (write.lists !== null) void transaction.objectStore("meta").put(write.lists, "lists");
  await transaction.done;
  return state;
}

function listStoredRows(page: Page): StoredRow[] {
  return [
    ...page.tasks.map((row) => ({ kind: "task" as const, row })),
    ...page.occurrences.map((row) => ({ kind: "occurrence" as const, row })),
  ];
}

function makeBlocks(rows: readonly StoredRow[], state: State): Block[] {
  const open = rows.filter(isOpen);
  const rest = state.partial ? [] : rows.filter((stored) => !isOpen(stored));
  const parts = [...split("open", open), ...split("rest", rest)];
  return parts.map((block, index) => ({ ...block, number: state.blocks + index + 1 }));
}

function split(part: Block["part"], rows: readonly StoredRow[]): Omit<Block, "number">[] {
  const count = Math.ceil(rows.length / BLOCK_ROWS);
  return Array.from({ length: count }, (_, index) => ({
    part,
    rows: rows.slice(index * BLOCK_ROWS, (index + 1) * BLOCK_ROWS),
  }));
}

function isOpen(stored: StoredRow): boolean {
  if (stored.kind !== "task") return false;
  const { status, deleted_at } = stored.row;
  return deleted_at === null && (status === "todo" || status === "in_progress");
}

function isLeftOut(stored: StoredRow, state: State): boolean {
  return state.partial && !isOpen(stored);
}

/** Write all rows into new blocks and delete the patches. */
export async function fold(
  database: Database,
  rows: readonly StoredRow[],
  state: State,
  epoch: number,
): Promise<State> {
  const transaction = database.transaction(["blocks", "patches", "meta"], "readwrite");
  await checkLead(transaction, epoch);
  const blocks = transaction.objectStore("blocks");
  await Promise.all([blocks.clear(), transaction.objectStore("patches").clear()]);
  const made = makeBlocks(rows, { ...state, blocks: 0 });
  for (const block of made) await blocks.put(block);
  const after = { ...state, blocks: made.length };
  await transaction.objectStore("meta").put(after, "state");
  await transaction.done;
  return after;
}

export async function countPatches(database: Database): Promise<number> {
  return await database.count("patches");
}

/**
 * Delete the rows that are not needed to work, because the storage is full.
 *
 * @returns the given state, with `partial`. The stored token stays that of the stored rows.
 */
export async function dropRest(database: Database, state: State, epoch: number): Promise<State> {
  const transaction = database.transaction(["blocks", "meta"], "readwrite");
  await checkLead(transaction, epoch);
  const meta = transaction.objectStore("meta");
  const stored = ((await meta.get("state")) as State | undefined) ?? FIRST_STATE;
  const rest = IDBKeyRange.bound(["rest", 0], ["rest", Infinity]);
  void transaction.objectStore("blocks").delete(rest);
  void meta.put({ ...stored, partial: true }, "state");
  await transaction.done;
  return { ...state, partial: true };
}

interface LeadTransaction {
  objectStore(name: "meta"): { get(key: string): Promise<unknown> };
  abort(): void;
  readonly done: Promise<void>;
}

/**
 * Check at the start of a transaction that this tab still leads.
 *
 * @throws LostLeadError another tab has taken the lead; the transaction is aborted.
 */
export async function checkLead(transaction: LeadTransaction, epoch: number): Promise<void> {
  const lease = (await transaction.objectStore("meta").get("lease")) as Lease | undefined;
  if ((lease?.epoch ?? 0) === epoch) return;
  transaction.done.catch(() => undefined);
  transaction.abort();
  throw new LostLeadError("Another tab leads now.");
}
