/** What the answer to a request means for its entries. */
import type { ProblemError } from "../api/problems.ts";
import type { BulkAnswer, BulkResult, Problem } from "../api/schema.ts";
import { makeNameKey } from "../domain/names.ts";
import type { AnyEffect, Entry, RefusalProblem, Refused, Sending } from "./entry.ts";
import type { Memory } from "./memory.ts";
import type { Change } from "./replica.ts";

/** An answer, or the error that is the final answer. */
export interface RequestAnswer {
  readonly body: unknown;
  /** The revision of the workspace after the request, from the header; null if not known. */
  readonly revision: number | null;
  readonly problem: ProblemError | null;
}

/** What to store after an answer. */
export interface Settlement {
  readonly changed: readonly Entry[];
  readonly dropped: readonly string[];
  readonly refused: readonly Refused[];
  /** The rows must be fetched before the next request. */
  readonly needsPull: boolean;
  /** The largest number of operations of the next request, or null for the usual one. */
  readonly limit: number | null;
}

type Outcome =
  | { readonly type: "done"; readonly revision: number | null }
  | { readonly type: "again"; readonly problem: RefusalProblem }
  | { readonly type: "refused"; readonly problem: RefusalProblem }
  /** The server has a label of this name under another id. */
  | { readonly type: "alias"; readonly id: string }
  /** Another saved filter has the name: it is created under a free one. */
  | { readonly type: "rename"; readonly name: string; readonly problem: RefusalProblem };

/** Merges that fail this often are shown to the person. */
const MAX_ATTEMPTS = 5;

/** In characters: the limit of the server for the name of a saved filter. */
const MAX_NAME_LENGTH = 200;

interface Draft {
  readonly changed: Map<string, Entry>;
  readonly dropped: string[];
  readonly refused: Refused[];
}

/** Settle the entries of a request. */
export function settleRequest(memory: Memory, sending: Sending, answer: RequestAnswer): Settlement {
  const entries = sending.entries
    .map((key) => memory.entries.get(key))
    .filter((entry) => entry !== undefined);
  if (answer.problem !== null && entries.length > 1) return splitRequest(entries);
  const isBulk = entries[0]?.change.kind === "task";
  const results = isBulk && answer.problem === null ? (answer.body as BulkAnswer).results : [];
  const revision = isBulk
    ? ((answer.body as BulkAnswer | undefined)?.revision ?? answer.revision)
    : answer.revision;
  const draft: Draft = { changed: new Map(), dropped: [], refused: [] };
  let needsPull = false;
  entries.forEach((entry, index) => {
    const outcome =
      isBulk && answer.problem === null
        ? readResult(entry, results[index])
        : readSingle(memory, entry, answer);
    const isAgain = outcome.type === "again" || outcome.type === "rename";
    if (isAgain && entry.attempts < MAX_ATTEMPTS) needsPull = true;
    settleEntry(memory, entry, outcome, revision, draft);
  });
  return {
    changed: [...draft.changed.values()],
    dropped: draft.dropped,
    refused: draft.refused,
    needsPull,
    limit: null,
  };
}

function settleEntry(
  memory: Memory,
  entry: Entry,
  outcome: Outcome,
  revision: number | null,
  draft: Draft,
): void {
  if (outcome.type === "done") {
    // Without a revision, the next complete pull contains it.
    const [doneAt, madeRevision] = [revision ?? 0, outcome.revision];
    const done = { state: "done", doneAt, madeRevision, edit: entry.edit + 1 } as const;
    draft.changed.set(entry.key, { ...entry, ...done });
    passOnRevision(memory, entry, outcome.revision, draft.changed);
  } else if (outcome.type === "alias") {
    draft.dropped.push(entry.key);
    renameLabel(memory, entry, outcome.id, draft.changed);
  } else if (entry.attempts < MAX_ATTEMPTS && outcome.type !== "refused") {
    const sent = outcome.type === "rename" ? setName(entry, outcome.name) : entry;
    draft.changed.set(entry.key, wait(sent, entry.attempts + 1));
  } else refuse(memory, entry, outcome.problem, draft);
}

/** The server refused the request as a whole: send the entries one by one, to find the wrong one. */
function splitRequest(entries: readonly Entry[]): Settlement {
  const changed = entries.map((entry) => wait(entry, entry.attempts));
  return { changed, dropped: [], refused: [], needsPull: false, limit: 1 };
}

function wait(entry: Entry, attempts: number): Entry {
  return { ...entry, state: "waiting", attempts, edit: entry.edit + 1 };
}

/**
 * Later entries of the same row were made on top of this one, so they need the revision that it
 * made. If this one was merged with changes of others, an entry that did not see these changes
 * must be merged too: it keeps its revision.
 */
function passOnRevision(
  memory: Memory,
  entry: Entry,
  revision: number | null,
  changed: Map<string, Entry>,
): void {
  if (revision === null) return;
  const chain = new Set([entry.key]);
  for (const known of memory.listEntriesOf(entry.change.kind, entry.change.id)) {
    const later = changed.get(known.key) ?? known;
    // An entry of another tab may have been made at the same time, without having seen this one.
    if (later.after === null || !chain.has(later.after)) continue;
    chain.add(later.key);
    if (later.ifRevision >= revision || later.ifRevision < entry.ifRevision) continue;
    changed.set(later.key, { ...later, ifRevision: revision, edit: later.edit + 1 });
  }
}

/** Move an entry to the refused ones; with a create, also all later entries of its row. */
function refuse(memory: Memory, entry: Entry, problem: RefusalProblem, draft: Draft): void {
  const { kind, id, action } = entry.change;
  const later = memory.listEntriesOf(kind, id).filter((other) => other.key > entry.key);
  for (const refused of action === "create" ? [entry, ...later] : [entry]) {
    draft.dropped.push(refused.key);
    const { key } = refused;
    draft.refused.push({ key, reason: "refused", entry: refused, theirs: {}, problem });
  }
}

const NO_RESULT: RefusalProblem = {
  status: 200,
  code: "",
  detail: "",
  errors: [],
  requestId: "",
};

function readResult(entry: Entry, result: BulkResult | undefined): Outcome {
  if (result === undefined) return { type: "again", problem: NO_RESULT };
  if (result.problem === null) {
    const { revision = null } = result as { revision?: number | null };
    return { type: "done", revision: result.task?.revision ?? revision };
  }
  return readProblem(entry, toRefusalProblem(result.problem, result.status));
}

/** The outcome of a request with one entry: of a label, or refused as a whole. */
function readSingle(memory: Memory, entry: Entry, answer: RequestAnswer): Outcome {
  if (answer.problem === null) {
    const { revision = null } = (answer.body ?? {}) as { revision?: number | null };
    return { type: "done", revision };
  }
  const { status, code, detail, errors, requestId } = answer.problem;
  const problem = { status, code, detail, errors, requestId };
  const { kind, action, id } = entry.change;
  if (kind === "task" || action !== "create" || code !== "name_taken") {
    return readProblem(entry, problem);
  }
  const known = findLabel(memory, entry);
  if (known === null) return { type: "again", problem };
  if (known === id) return { type: "done", revision: null };
  // Categories and tags of one name mean the same. Filters of one name may differ.
  if (kind === "filter") return { type: "rename", name: findFreeName(memory, entry), problem };
  return { type: "alias", id: known };
}

/** The name of a created filter with the smallest number that makes it free: `Mine 2`. */
function findFreeName(memory: Memory, { change }: Entry): string {
  const name = "set" in change && "name" in change.set ? (change.set.name ?? "") : "";
  const taken = new Set([...memory.labels.filter.visible()].map((row) => makeNameKey(row.name)));
  let number = 2;
  while (taken.has(makeNameKey(addNumber(name, number)))) number += 1;
  return addNumber(name, number);
}

function addNumber(name: string, number: number): string {
  const end = ` ${number}`;
  return [...name].slice(0, MAX_NAME_LENGTH - end.length).join("") + end;
}

/** The entry of a create with another name. */
function setName(entry: Entry, name: string): Entry {
  const { change, effects } = entry;
  if (!("set" in change)) return entry;
  return {
    ...entry,
    change: { ...change, set: { ...change.set, name } } as Change,
    effects: effects.map((effect) =>
      effect.create === undefined
        ? effect
        : ({ ...effect, create: { ...effect.create, name } } as AnyEffect),
    ),
  };
}

/** The id of the label of the server that has the id or the name of a created one. */
function findLabel(memory: Memory, entry: Entry): string | null {
  const { change } = entry;
  if (change.kind === "task" || change.action !== "create") return null;
  const rows = memory.labels[change.kind];
  const own = rows.getServer(change.id);
  if (own !== undefined && own.deleted_at === null) return change.id;
  const name = change.set.name?.toLowerCase();
  for (const row of rows.serverRows()) {
    if (row.deleted_at === null && row.name.toLowerCase() === name) return row.id;
  }
  return null;
}

/** Replace the id of a label in all waiting entries. Ids are UUIDs, so they occur nowhere else. */
function renameLabel(memory: Memory, entry: Entry, id: string, changed: Map<string, Entry>): void {
  for (const known of memory.entries.values()) {
    const text = JSON.stringify(known);
    if (known.state !== "waiting" || !text.includes(entry.change.id)) continue;
    const renamed = JSON.parse(text.replaceAll(entry.change.id, id)) as Entry;
    changed.set(known.key, { ...renamed, edit: known.edit + 1 });
  }
}

function readProblem(entry: Entry, problem: RefusalProblem): Outcome {
  const { action, kind } = entry.change;
  const deletes = action === "trash" || action === "purge" || action === "delete";
  switch (problem.code) {
    case "revision_mismatch":
    case "idempotency_key_reused":
    case "task_trashed":
      return { type: "again", problem };
    case "occurrence_over":
      return { type: "done", revision: null };
    case "name_taken":
      // A create that was repeated after its key had expired.
      if (action === "create" && kind === "task") return { type: "done", revision: null };
      break;
    case "not_found":
      if (deletes) return { type: "done", revision: null };
      if (action !== "create" && isAboutItself(problem)) return { type: "again", problem };
      break;
  }
  return { type: "refused", problem };
}

/** Whether the object itself is not found, and not one that it refers to. */
function isAboutItself(problem: RefusalProblem): boolean {
  return problem.errors.every(
    ({ pointer }) => pointer.endsWith("/id") || pointer.startsWith("path/"),
  );
}

function toRefusalProblem(problem: Problem, status: number): RefusalProblem {
  const { code, detail, errors = [], request_id } = problem;
  return { status, code, detail, errors, requestId: request_id };
}
