/** The next request: the waiting entries, merged with the rows of the server, as operations. */
import type { AnyEffect, Entry, Refused, Sending } from "./entry.ts";
import type { Memory } from "./memory.ts";
import { mergeEntry } from "./merge.ts";
import type { Change, Notice, Place } from "./replica.ts";

/** What to store before the request is sent. */
export interface RequestPlan {
  readonly sending: Sending | null;
  /** The new versions of entries; those that are sent have the state `sent`. */
  readonly changed: readonly Entry[];
  /** Entries with nothing left to send. */
  readonly dropped: readonly string[];
  readonly refused: readonly Refused[];
  readonly notices: readonly Notice[];
  /** The next entry must wait for a pull. */
  readonly isBlocked: boolean;
}

interface Draft {
  readonly sent: Entry[];
  readonly changed: Entry[];
  readonly dropped: string[];
  readonly refused: Refused[];
  readonly notices: Notice[];
  readonly seen: Set<string>;
  isBlocked: boolean;
}

/**
 * Take waiting entries from the head of the outbox, in order.
 *
 * Each row occurs once per request, because the next entry needs the revision that the first made.
 *
 * @param limit the largest number of operations.
 * @param key the Idempotency-Key of the request.
 */
export function planRequest(memory: Memory, limit: number, key: string): RequestPlan {
  const draft: Draft = {
    sent: [],
    changed: [],
    dropped: [],
    refused: [],
    notices: [],
    seen: new Set(),
    isBlocked: false,
  };
  for (const entry of memory.entriesInOrder()) {
    if (entry.state !== "waiting") continue;
    if (draft.sent.length >= limit || !takeEntry(memory, entry, draft)) break;
    if (entry.change.kind !== "task" && draft.sent.length > 0) break;
  }
  const sent = draft.sent.map((entry) => ({ ...entry, state: "sent" as const }));
  return {
    sending: sent.length === 0 ? null : makeSending(sent, key),
    changed: [...draft.changed, ...sent],
    dropped: draft.dropped,
    refused: draft.refused,
    notices: draft.notices,
    isBlocked: draft.isBlocked,
  };
}

/** Returns false if the entry must wait for the answer to the request. */
function takeEntry(memory: Memory, entry: Entry, draft: Draft): boolean {
  const { kind, id, action } = entry.change;
  const rows = [`${kind}:${id}`, ...entry.effects.map((effect) => `${effect.kind}:${effect.id}`)];
  if (rows.some((row) => draft.seen.has(row))) return false;
  if (kind !== "task" && draft.sent.length > 0) return false;
  if (needsPull(memory, entry)) {
    draft.isBlocked = true;
    return false;
  }
  const server = (kind === "task" ? memory.tasks : memory.labels[kind]).getServer(id);
  const isPending = server === undefined && isBeingCreated(memory, entry);
  const isSeen = server !== undefined && server.revision <= entry.ifRevision;
  if (isPending || (isSeen && action !== "create")) {
    send(entry, rows, draft);
    return true;
  }
  const merged = mergeEntry(entry, server);
  draft.notices.push(...merged.notices);
  if (merged.ask !== null) {
    const { reason, entry: asked, theirs } = merged.ask;
    draft.refused.push({
      key: `${entry.key}:${reason}`,
      reason,
      // A label in the trash can only be created again.
      entry: server === undefined ? asked : { ...asked, lost: server },
      theirs,
      problem: null,
    });
  }
  if (merged.send === null) draft.dropped.push(entry.key);
  else send(merged.send, rows, draft);
  return true;
}

function send(entry: Entry, rows: readonly string[], draft: Draft): void {
  for (const row of rows) draft.seen.add(row);
  draft.sent.push({ ...entry, edit: entry.edit + 1 });
}

/**
 * Whether the server has done an earlier entry of the row, and the replica has not seen the result.
 * Merging with the older row would take the result of the earlier entry back.
 */
function needsPull(memory: Memory, entry: Entry): boolean {
  const { kind, id } = entry.change;
  return memory
    .listEntriesOf(kind, id)
    .some(
      (other) =>
        other.state === "done" && entry.ifRevision < (other.madeRevision ?? other.doneAt ?? 0),
    );
}

/** An earlier entry creates the row, so the server does not have it yet. */
function isBeingCreated(memory: Memory, entry: Entry): boolean {
  const { kind, id } = entry.change;
  return memory
    .listEntriesOf(kind, id)
    .some(
      (other) =>
        other.key < entry.key && other.change.action === "create" && other.change.id === id,
    );
}

function makeSending(entries: readonly Entry[], key: string): Sending {
  const keys = entries.map((entry) => entry.key);
  const [first] = entries;
  if (first !== undefined && first.change.kind !== "task") {
    return { key, entries: keys, ...makeLabelRequest(first, first.change) };
  }
  const operations = entries.map((entry) => toOperation(entry, entry.change));
  return {
    key,
    method: "POST",
    path: "/api/v1/tasks/bulk",
    text: JSON.stringify({ operations, atomic: false }),
    ifRevision: null,
    entries: keys,
  };
}

const PATHS = { category: "categories", tag: "tags", filter: "filters" } as const;

function makeLabelRequest(
  entry: Entry,
  change: Exclude<Change, { kind: "task" }>,
): Pick<Sending, "method" | "path" | "text" | "ifRevision"> {
  const path = `/api/v1/${PATHS[change.kind]}`;
  if (change.action === "create") {
    const text = JSON.stringify({ id: change.id, ...change.set });
    return { method: "POST", path, text, ifRevision: null };
  }
  const ifRevision = entry.ifRevision || null;
  if (change.action === "move") {
    const text = JSON.stringify(toPlace(change.place));
    return { method: "POST", path: `${path}/${change.id}/move`, text, ifRevision };
  }
  if (change.action === "update") {
    const text = JSON.stringify(change.set);
    return { method: "PATCH", path: `${path}/${change.id}`, text, ifRevision };
  }
  const target = "move_to" in change ? `?move_to=${change.move_to}` : "";
  return { method: "DELETE", path: `${path}/${change.id}${target}`, text: null, ifRevision };
}

/** An operation of `POST /api/v1/tasks/bulk`. */
function toOperation(entry: Entry, change: Change): Record<string, unknown> {
  const base = { op: change.action, id: change.id, if_revision: entry.ifRevision || undefined };
  if (change.kind !== "task") return base;
  switch (change.action) {
    case "create": {
      const place = change.place && toPlace(change.place);
      return { op: "create", task: { id: change.id, ...change.set, place } };
    }
    case "update": {
      const { tag_ids: _, ...set } = change.set;
      const task = { ...set, ...toTagFields(entry.effects[0]) };
      return { ...base, task, subtasks: change.subtasks };
    }
    case "complete":
      return { ...base, occurrence: change.occurrence, subtasks: change.subtasks };
    case "skip":
      return { ...base, occurrence: change.occurrence };
    case "move":
      return { ...base, ...toPlace(change.place) };
    default:
      return base;
  }
}

function toTagFields(effect: AnyEffect | undefined): Record<string, readonly string[] | undefined> {
  const { add = [], remove = [] } = effect?.tags ?? {};
  return {
    add_tag_ids: add.length > 0 ? add : undefined,
    remove_tag_ids: remove.length > 0 ? remove : undefined,
  };
}

function toPlace(place: Place): Record<string, string> {
  return "at" in place ? { to: place.at } : { ...place };
}
