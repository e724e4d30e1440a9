/** A replica in memory, for tests of components and for looking at pages. */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type {
  CategoryRow,
  MemberRow,
  Person,
  SavedFilterRow,
  TagRow,
  TaskRow,
} from "../../src/domain/rows.ts";
import { getRowDay } from "../../src/features/due.ts";
import type { Refused } from "../../src/replica/entry.ts";
import type { Change, IndexName, Notice, Replica, SyncStatus } from "../../src/replica/replica.ts";

export interface Example {
  person: Person;
  tasks: readonly TaskRow[];
  categories: readonly CategoryRow[];
  tags: readonly TagRow[];
  members: readonly MemberRow[];
  status?: Partial<SyncStatus>;
  refused?: readonly Refused[];
}

const READY: SyncStatus = {
  phase: "ready",
  loaded: 0,
  total: null,
  online: true,
  signedOut: false,
  removed: false,
  unsent: 0,
  conflicts: 0,
};

/** A replica that applies changes at once and forgets them at the end. */
export class ExampleReplica implements Replica {
  readonly person: Person;
  readonly workspace = { id: "w1", name: "Harbour Street 9", personal: true };
  readonly rows = signal<ReadonlyMap<string, TaskRow>>(new Map());
  readonly categories = signal<readonly CategoryRow[]>([]);
  readonly tags = signal<readonly TagRow[]>([]);
  readonly members = signal<readonly MemberRow[]>([]);
  readonly filters = signal<readonly SavedFilterRow[]>([]);
  readonly status = signal<SyncStatus>(READY);
  readonly closed = signal(false);
  /** All changes that were written, in order. */
  readonly written: Change[] = [];
  /** The device has no more space: no change can be stored. */
  isFull = false;
  #ids = 0;
  #undo: { group: string; rows: ReadonlyMap<string, TaskRow> }[] = [];
  #watched = new Map<string, ReadonlySignal<TaskRow | undefined>>();
  #buckets = new Map<string, ReadonlySignal<ReadonlySet<string>>>();

  constructor(example: Example) {
    this.person = example.person;
    this.rows.value = new Map(example.tasks.map((row) => [row.id, row]));
    this.categories.value = example.categories;
    this.tags.value = example.tags;
    this.members.value = example.members;
    this.refused.value = example.refused ?? [];
    const conflicts = this.refused.value.length;
    this.status.value = { ...READY, conflicts, ...example.status };
  }

  task(id: string) {
    return this.rows.peek().get(id);
  }

  watchTask(id: string) {
    return remembered(this.#watched, id, () => computed(() => this.rows.value.get(id)));
  }

  bucket(index: IndexName, key: string) {
    return remembered(this.#buckets, `${index} ${key}`, () =>
      computed(() => {
        const found = [...this.rows.value.values()].filter((row) => this.#isIn(row, index, key));
        return new Set(found.map(({ id }) => id));
      }),
    );
  }

  count(index: IndexName, key: string) {
    return this.bucket(index, key).value.size;
  }

  findByNumber(number: number) {
    return [...this.rows.value.values()].find((row) => row.number === number)?.id;
  }

  occurrences() {
    return [];
  }

  async write(changes: readonly Change[]) {
    if (this.isFull) throw new DOMException("The storage is full.", "QuotaExceededError");
    const group = `group ${this.#undo.length + 1}`;
    this.#undo.push({ group, rows: this.rows.peek() });
    this.written.push(...changes);
    for (const change of changes) this.#apply(change);
    return group;
  }

  async undo(group?: string) {
    const found = this.#undo.find((each) => each.group === group) ?? this.#undo.at(-1);
    if (found) this.rows.value = found.rows;
  }

  async redo() {}
  readonly notices = signal<readonly Notice[]>([]);
  dismissNotice() {}
  readonly refused = signal<readonly Refused[]>([]);
  async dismissRefused(key: string) {
    this.refused.value = this.refused.peek().filter((refused) => refused.key !== key);
    this.status.value = { ...this.status.peek(), conflicts: this.refused.peek().length };
  }
  async readDraft() {
    return undefined;
  }
  async saveDraft() {}
  async wipe() {}

  newId() {
    this.#ids += 1;
    return `new-${this.#ids}`;
  }

  sync() {}
  async close() {}

  #isIn(row: TaskRow, index: IndexName, key: string): boolean {
    if (index === "trash") return row.deleted_at !== null;
    if (row.deleted_at !== null) return false;
    switch (index) {
      case "all":
        return true;
      case "assignee":
        return (row.assignee ?? "none") === key;
      case "category":
        return (row.category_id ?? "none") === key;
      case "day":
        return (getRowDay(row, this.person.time_zone) ?? "none") === key;
      case "parent":
        return (row.parent ?? "none") === key;
      case "status":
        return row.status === key;
      case "tag":
        return row.tag_ids.includes(key);
    }
  }

  #apply(change: Change): void {
    if (change.kind === "category" && change.action === "create") {
      const made = { color: null, position: "a", archived: false, revision: 0, deleted_at: null };
      this.categories.value = [
        ...this.categories.value,
        { ...made, name: "", ...change.set, id: change.id },
      ];
    }
    if (change.kind === "tag" && change.action === "create") {
      const made = { color: null, revision: 0, deleted_at: null };
      this.tags.value = [...this.tags.value, { ...made, name: "", ...change.set, id: change.id }];
    }
    if (change.kind === "filter") this.filters.value = changeFilters(this.filters.value, change);
    if (change.kind !== "task") return;
    const rows = new Map(this.rows.peek());
    const row = rows.get(change.id);
    if (change.action === "create") {
      rows.set(change.id, makeTask({ id: change.id, number: null, position: "zz", ...change.set }));
    } else if (row) {
      const changed = this.#change(row, change);
      if (changed) rows.set(change.id, changed);
      else rows.delete(change.id);
    }
    this.rows.value = rows;
  }

  #change(row: TaskRow, change: Extract<Change, { kind: "task" }>): TaskRow | null {
    switch (change.action) {
      case "update":
        return {
          ...row,
          ...change.set,
          completed_at: change.set.status === "done" ? "2026-11-26T12:00:00Z" : row.completed_at,
        };
      case "complete":
      case "skip":
        return { ...row, due_date: "2026-12-26", repeat_gone: row.repeat_gone + 1 };
      case "trash":
        return { ...row, deleted_at: "2026-11-26T12:00:00Z" };
      case "restore":
        return { ...row, deleted_at: null };
      case "purge":
        return null;
      case "move":
        return { ...row, position: this.#place(change.place, row) };
      case "create":
        return row;
    }
  }

  /** A position beside another one: enough for the order of an example. */
  #place(place: Extract<Change, { action: "move" }>["place"], row: TaskRow): string {
    if ("at" in place) return place.at === "start" ? "0" : "zz";
    const neighbour = this.task("before" in place ? place.before : place.after);
    if (!neighbour) return row.position;
    const last = neighbour.position.slice(-1).charCodeAt(0);
    return "after" in place
      ? `${neighbour.position}m`
      : `${neighbour.position.slice(0, -1)}${String.fromCharCode(last - 1)}m`;
  }
}

function remembered<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** The saved filters after a change. A moved one has its place, but no new position. */
function changeFilters(
  filters: readonly SavedFilterRow[],
  change: Extract<Change, { kind: "filter" }>,
): readonly SavedFilterRow[] {
  const { id } = change;
  const others = filters.filter((row) => row.id !== id);
  const row = filters.find((each) => each.id === id);
  switch (change.action) {
    case "create":
      return [...filters, makeFilter({ id, ...change.set })];
    case "update":
      return filters.map((each) => (each.id === id ? { ...each, ...change.set } : each));
    case "delete":
      return others;
    case "move": {
      const { place } = change;
      const neighbour = "before" in place ? place.before : "after" in place ? place.after : "";
      const at = others.findIndex((each) => each.id === neighbour) + ("after" in place ? 1 : 0);
      return row ? [...others.slice(0, at), row, ...others.slice(at)] : filters;
    }
  }
}

/** A saved filter with the fields that matter. */
export function makeFilter(fields: Partial<SavedFilterRow> & { id: string }): SavedFilterRow {
  return {
    name: fields.id,
    filter: "is:open",
    sort: null,
    group_by: "none",
    color: null,
    position: fields.id,
    shared: false,
    owner: null,
    revision: 1,
    deleted_at: null,
    ...fields,
  };
}

/** A task with the fields that matter; the others are those of a new task. */
export function makeTask(fields: Partial<TaskRow> & { id: string }): TaskRow {
  return {
    number: 1,
    title: fields.id,
    description: "",
    status: "todo",
    priority: 3,
    due_date: null,
    due_time_zone: null,
    repeat_rule: null,
    repeat_mode: "schedule",
    repeat_except: [],
    repeat_start: null,
    repeat_at: null,
    repeat_gone: 0,
    category_id: null,
    tag_ids: [],
    parent: null,
    assignee: null,
    position: fields.id,
    revision: 1,
    created_at: "2026-11-01T08:00:00Z",
    updated_at: "2026-11-01T08:00:00Z",
    completed_at: null,
    deleted_at: null,
    ...fields,
  };
}
