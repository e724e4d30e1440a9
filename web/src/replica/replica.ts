/**
 * The replica as features and actions see it: rows to read and watch, and one way to write.
 *
 * The visible state is the rows of the server with the waiting entries of the outbox applied in
 * order. Reading never waits: everything is in memory. Nothing outside `replica/` knows IndexedDB.
 */
import type { ReadonlySignal } from "@preact/signals";
import type {
  CategoryRow,
  MemberRow,
  OccurrenceRow,
  Person,
  SavedFilterRow,
  TagRow,
  TaskRow,
} from "../domain/rows.ts";
import type { Refused } from "./entry.ts";

/**
 * The indexes of the tasks that are not in the trash. The key of `day` is the due day in the
 * person's time zone (`2026-12-01`), or `none`. The key of `trash` and of `all` is `""`.
 */
export type IndexName =
  | "all"
  | "assignee"
  | "category"
  | "day"
  | "parent"
  | "status"
  | "tag"
  | "trash";

/** A place in a manual order: directly before or after another object, or at an end. */
export type Place = { before: string } | { after: string } | { at: "start" | "end" };

/** The fields of a task that a person can set. */
export type TaskFields = Pick<
  TaskRow,
  | "title"
  | "description"
  | "status"
  | "priority"
  | "due_date"
  | "due_time_zone"
  | "repeat_rule"
  | "repeat_mode"
  | "repeat_except"
  | "category_id"
  | "tag_ids"
  | "parent"
  | "assignee"
>;

/**
 * What the person saw when an edit began. Without it, a change is based on the row as it is when the
 * change is written. What others change in between is merged, or waits for the person.
 */
export interface EditBase {
  /** The old values of the edited fields. */
  readonly values: Partial<TaskFields>;
  /** The revision of the visible row at that time. */
  readonly revision: number;
}

export type Subtasks = "complete" | "keep" | "refuse";

/** One change that a person makes. The outbox stores it with a key, the old values and the revision. */
export type Change =
  | {
      kind: "task";
      action: "create";
      id: string;
      set: Partial<TaskFields> & { title: string };
      place?: Place;
    }
  | {
      kind: "task";
      action: "update";
      id: string;
      set: Partial<TaskFields>;
      subtasks?: Subtasks;
      base?: EditBase;
    }
  | { kind: "task"; action: "complete"; id: string; occurrence: string; subtasks?: Subtasks }
  | { kind: "task"; action: "skip"; id: string; occurrence: string }
  | { kind: "task"; action: "move"; id: string; place: Place }
  | { kind: "task"; action: "trash" | "restore" | "purge"; id: string }
  | {
      kind: "category";
      action: "create" | "update";
      id: string;
      set: Partial<Pick<CategoryRow, "name" | "color" | "archived">>;
    }
  | {
      kind: "tag";
      action: "create" | "update";
      id: string;
      set: Partial<Pick<TagRow, "name" | "color">>;
    }
  /** The tasks of a deleted category are trashed, or moved to the category `move_to`. */
  | { kind: "category"; action: "delete"; id: string; move_to?: string }
  | { kind: "tag"; action: "delete"; id: string }
  | { kind: "filter"; action: "delete"; id: string }
  /** The place is one among the saved filters. */
  | { kind: "filter"; action: "move"; id: string; place: Place }
  | {
      kind: "filter";
      action: "create" | "update";
      id: string;
      set: Partial<
        Pick<SavedFilterRow, "name" | "filter" | "sort" | "group_by" | "color" | "shared">
      >;
    };

/** Both sides changed a short field; the local value was sent. The person may take the other one. */
export interface Notice {
  readonly key: string;
  readonly kind: Change["kind"];
  readonly id: string;
  readonly field: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

export interface SyncStatus {
  /** `loading` until the first walk of the workspace is complete. */
  readonly phase: "loading" | "ready";
  /** Rows received and expected during the first walk. */
  readonly loaded: number;
  readonly total: number | null;
  readonly online: boolean;
  /** The session ended: everything stays readable, nothing is sent. */
  readonly signedOut: boolean;
  /** The workspace was deleted or the person is no longer a member: its data is being wiped. */
  readonly removed: boolean;
  readonly unsent: number;
  /** Entries that wait for a decision of the person. */
  readonly conflicts: number;
}

export interface Replica {
  readonly person: Person;
  readonly workspace: { readonly id: string; readonly name: string; readonly personal: boolean };

  task(id: string): TaskRow | undefined;
  /** The same signal for each call with the same id, so that a component re-renders alone. */
  watchTask(id: string): ReadonlySignal<TaskRow | undefined>;
  /** The ids of a bucket of an index. The signal changes when a task enters or leaves the bucket, or changes. */
  bucket(index: IndexName, key: string): ReadonlySignal<ReadonlySet<string>>;
  /** The number of tasks in a bucket, without reading the rows. */
  count(index: IndexName, key: string): number;
  /** The id of the task with this number. */
  findByNumber(number: number): string | undefined;
  /** Past occurrences of a repeating task, the newest first. */
  occurrences(taskId: string): readonly OccurrenceRow[];

  readonly categories: ReadonlySignal<readonly CategoryRow[]>;
  readonly tags: ReadonlySignal<readonly TagRow[]>;
  readonly members: ReadonlySignal<readonly MemberRow[]>;
  readonly filters: ReadonlySignal<readonly SavedFilterRow[]>;
  readonly status: ReadonlySignal<SyncStatus>;

  /**
   * Apply changes to the visible state at once, and store them in the outbox in one transaction.
   *
   * @returns the group of the changes, once they are on disk: what {@link Replica.undo} takes.
   */
  write(changes: readonly Change[]): Promise<string>;
  /** Write the old values of a group of changes as new changes. The latest group, if none is named. */
  undo(group?: string): Promise<void>;
  redo(): Promise<void>;
  /** Short fields that both sides changed. The local values were sent. */
  readonly notices: ReadonlySignal<readonly Notice[]>;
  dismissNotice(key: string): void;
  /** Changes that wait for a decision of the person. They are not part of the visible state. */
  readonly refused: ReadonlySignal<readonly Refused[]>;
  /** Delete a refused change for good. */
  dismissRefused(key: string): Promise<void>;

  /** Text that a person has typed and not saved. It outlives the session. */
  readDraft(key: string): Promise<string | undefined>;
  /** Store a draft; null deletes it. */
  saveDraft(key: string, text: string | null): Promise<void>;

  /** A new id for a task, category, tag or filter (UUIDv7). */
  newId(): string;
  /** Send and fetch now, for example after the window got the focus or the person signed in. */
  sync(): void;
  /** The data was deleted, for example by a sign-out in another tab: nothing can be written. */
  readonly closed: ReadonlySignal<boolean>;
  /** Stop syncing and close the database. */
  close(): Promise<void>;
  /** Delete everything of this workspace from the device, in all tabs, also what is not sent. */
  wipe(): Promise<void>;
}
