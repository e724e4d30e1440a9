/** From a change to an entry of the outbox, in memory and then on disk. */

import type { Database } from "./disk.ts";
import { type EndOccurrence, getEffects } from "./effects.ts";
import { type AnyEffect, compareKeys, type Effect, type Entry } from "./entry.ts";
import type { Memory } from "./memory.ts";
import type { Change, EditBase } from "./replica.ts";
import { diffTags } from "./rows.ts";

/** Fields whose values refer to no other object, so that their order among entries is free. */
const FREE_FIELDS = new Set(["title", "description", "priority", "due_date", "due_time_zone"]);

export interface WriteContext {
  readonly memory: Memory;
  readonly nextKey: () => string;
  readonly now: string;
  readonly endOccurrence: EndOccurrence;
  /** Called directly before each change is applied, so that its inverse sees the earlier ones. */
  readonly onChange?: (change: Change) => void;
}

/** An entry to store. `joined` is the stored entry that it replaces, `fresh` the change alone. */
export interface PlannedEntry {
  readonly entry: Entry;
  readonly joined: Entry | null;
  readonly fresh: Entry;
}

/**
 * Apply changes to the visible state, one after the other, and return what must be stored.
 *
 * @param changes each is taken after the ones before it are applied, so it may be made from them.
 */
export function planChanges(
  context: WriteContext,
  changes: Iterable<Change>,
  group: string,
): PlannedEntry[] {
  const { memory } = context;
  const planned: PlannedEntry[] = [];
  memory.change(() => {
    for (const change of changes) {
      context.onChange?.(change);
      const fresh = makeEntry(context, change, group);
      const joined = findJoinable(memory, fresh);
      const entry = joined === null ? fresh : joinEntries(joined, fresh);
      memory.putEntries([entry]);
      planned.push({ entry, joined, fresh });
    }
  });
  return planned;
}

function makeEntry(context: WriteContext, written: Change, group: string): Entry {
  const { memory, now } = context;
  const { change, base } = splitBase(written);
  const rows = change.kind === "task" ? memory.tasks : memory.labels[change.kind];
  // The person sees the row with the earlier entries applied, so it is based on what they are.
  const earlier = memory
    .listEntriesOf(change.kind, change.id)
    .findLast((entry) => entry.change.id === change.id);
  const seen = earlier === undefined ? rows.getServer(change.id)?.revision : earlier.madeRevision;
  return {
    version: 1,
    key: context.nextKey(),
    group,
    at: now,
    change,
    before: { ...getBefore(change, rows.get(change.id)), ...base?.values },
    effects: getEffects(memory, change, now, context.endOccurrence),
    ifRevision: Math.min(seen ?? earlier?.ifRevision ?? 0, base?.revision ?? Infinity),
    after: earlier?.key ?? null,
    state: "waiting",
    edit: 1,
    attempts: 0,
    doneAt: null,
    madeRevision: null,
  };
}

/** The base is a part of the entry, not of its change, so that a refused change can be made again. */
function splitBase(written: Change): { readonly change: Change; readonly base?: EditBase } {
  if (!("base" in written) || written.base === undefined) return { change: written };
  const { base, ...change } = written;
  return { change, base };
}

/** The values that the change replaces. */
function getBefore(change: Change, row: object | undefined): Entry["before"] {
  if (row === undefined) return {};
  const fields =
    "set" in change
      ? Object.keys(change.set)
      : [
          "deleted_at",
          "due_date",
          "due_time_zone",
          "position",
          "repeat_at",
          "repeat_rule",
          "status",
        ];
  const before: Record<string, unknown> = {};
  for (const field of fields) if (field in row) before[field] = Reflect.get(row, field);
  return before;
}

/** The last waiting entry of the same object, if the change may become a part of it. */
function findJoinable(memory: Memory, fresh: Entry): Entry | null {
  const { change } = fresh;
  if (change.action !== "update" || fresh.effects.length !== 1 || "subtasks" in change) return null;
  const target = memory.listEntriesOf(change.kind, change.id).at(-1);
  if (target?.state !== "waiting" || target.effects.length !== 1) return null;
  const { action, id } = target.change;
  if (id !== change.id || (action !== "create" && action !== "update")) return null;
  if ("subtasks" in target.change) return null;
  // The edit began before the row was as the entry saw it, so it is merged on its own.
  if (fresh.ifRevision < target.ifRevision) return null;
  const isLast = target.key === memory.lastKey;
  return isLast || Object.keys(change.set).every((field) => FREE_FIELDS.has(field)) ? target : null;
}

function joinEntries(target: Entry, fresh: Entry): Entry {
  const [first, second] = [target.effects[0], fresh.effects[0]];
  if (first === undefined || second === undefined) return target;
  const oldSet = "set" in target.change ? target.change.set : {};
  const newSet = "set" in fresh.change ? fresh.change.set : {};
  const set = { ...oldSet, ...newSet };
  const before = { ...fresh.before, ...target.before };
  return {
    ...target,
    change: { ...target.change, set } as Change,
    before: target.change.action === "create" ? target.before : before,
    effects: [joinEffects(first, second, before, set)],
    edit: target.edit + 1,
  };
}

function joinEffects(
  first: AnyEffect,
  second: AnyEffect,
  before: Entry["before"],
  set: Readonly<Record<string, unknown>>,
): AnyEffect {
  if (first.create !== undefined) {
    const tags = "tag_ids" in set ? { tag_ids: set.tag_ids } : {};
    return { ...first, create: { ...first.create, ...second.patch, ...tags } } as AnyEffect;
  }
  const patch = { ...first.patch, ...second.patch };
  const joined = { ...first, patch } as Effect<"task">;
  if (!("tag_ids" in set)) return joined;
  const tags = diffTags(before.tag_ids as string[], set.tag_ids as string[]);
  return { ...joined, tags };
}

/**
 * Store entries in one transaction.
 *
 * @returns the entries as they are stored, and stored entries that another tab has changed since.
 */
export async function storePlanned(
  database: Database,
  planned: readonly PlannedEntry[],
): Promise<{ readonly put: Entry[]; readonly restored: Entry[]; readonly missing: string[] }> {
  const transaction = database.transaction("outbox", "readwrite");
  const store = transaction.store;
  const put = new Map<string, Entry>();
  const restored: Entry[] = [];
  const missing: string[] = [];
  for (const { entry, joined, fresh } of planned) {
    if (joined === null) {
      put.set(entry.key, entry);
      continue;
    }
    const earlier = put.get(joined.key);
    const stored = earlier ?? (await store.get(joined.key));
    if (stored?.state === "waiting" && stored.edit === joined.edit) put.set(entry.key, entry);
    else {
      // The leading tab has begun to send it.
      if (stored === undefined) missing.push(joined.key);
      else if (earlier === undefined) restored.push(stored);
      put.set(fresh.key, fresh);
    }
  }
  const entries = [...put.values()].sort(compareKeys);
  for (const entry of entries) void store.put(entry);
  await transaction.done;
  return { put: entries, restored, missing };
}
