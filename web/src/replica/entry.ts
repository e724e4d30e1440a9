/**
 * The entries of the outbox: one change of one object, with what is needed to show it, to send it
 * and to merge it. They are stored in IndexedDB, so their shape has a version.
 */
import type { ProblemField } from "../api/schema.ts";
import type { CategoryRow, SavedFilterRow, TagRow, TaskRow } from "../domain/rows.ts";
import type { Change } from "./replica.ts";

/** The kinds of rows that a person changes. */
export type WrittenKind = Change["kind"];

export interface RowOf {
  readonly task: TaskRow;
  readonly category: CategoryRow;
  readonly tag: TagRow;
  readonly filter: SavedFilterRow;
}

/** What an entry does to the visible state of one row. */
export interface Effect<K extends WrittenKind> {
  readonly kind: K;
  readonly id: string;
  /** The row that a create makes, as long as the server has not sent it. */
  readonly create?: RowOf[K];
  readonly patch?: Partial<RowOf[K]>;
  /** Tags are added and removed one by one, so that those of others stay. */
  readonly tags?: TagChange;
  /** The row is deleted for good. */
  readonly gone?: true;
}

export type AnyEffect = { [K in WrittenKind]: Effect<K> }[WrittenKind];

export interface TagChange {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

export type EntryState = "waiting" | "sent" | "done";

export interface Entry {
  readonly version: 1;
  /** A UUIDv7. The order of the keys is the order of the entries. */
  readonly key: string;
  readonly group: string;
  /** When the person made the change. */
  readonly at: string;
  readonly change: Change;
  /** The visible row before the change, as far as the change sets it. */
  readonly before: Readonly<Record<string, unknown>>;
  readonly effects: readonly AnyEffect[];
  /** The revision of the row that the person saw; 0 if the server did not have it. */
  readonly ifRevision: number;
  /** The key of the entry of the same row that it was made on top of, or null. */
  readonly after: string | null;
  readonly state: EntryState;
  /** Counts the changes of this entry, so that tabs recognise the later version. */
  readonly edit: number;
  /** How often the server has refused it for a reason that a merge may mend. */
  readonly attempts: number;
  /** The revision of the workspace at which the server has done it. */
  readonly doneAt: number | null;
  /** The revision of the row that it made, if the answer said so. */
  readonly madeRevision: number | null;
  /** The last known row, if it was deleted while the entry waited. */
  readonly lost?: RowOf[WrittenKind];
}

/** Why an entry needs a decision of the person. */
export type RefusalReason = "gone" | "refused" | "text" | "trashed";

/** An entry that was taken out of the outbox and waits for a decision of the person. */
export interface Refused {
  readonly key: string;
  readonly reason: RefusalReason;
  readonly entry: Entry;
  /** For `text`: the values of the other side, by field. */
  readonly theirs: Readonly<Record<string, unknown>>;
  /** For `refused`: what the server answered. */
  readonly problem: RefusalProblem | null;
}

export interface RefusalProblem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly ProblemField[];
  readonly requestId: string;
}

/** A request that is being sent. It is repeated byte for byte until there is an answer. */
export interface Sending {
  readonly key: string;
  readonly method: string;
  readonly path: string;
  /** The JSON body, or null for none. */
  readonly text: string | null;
  readonly ifRevision: number | null;
  /** The keys of the entries, in the order of the operations. */
  readonly entries: readonly string[];
}

/** Whether `a` comes before `b` in the outbox. */
export function compareKeys(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}
