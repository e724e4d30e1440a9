/** Everything that a tab has in memory: the rows of the server, the outbox and the signals on them. */
import { batch, type Signal, signal } from "@preact/signals";
import type { Page } from "../api/sync.ts";
import type {
  CategoryRow,
  MemberRow,
  OccurrenceRow,
  SavedFilterRow,
  TagRow,
  TaskRow,
} from "../domain/rows.ts";
import { compareKeys, type Entry, type Refused, type WrittenKind } from "./entry.ts";
import { Indexes } from "./indexes.ts";
import { Mounted } from "./mounted.ts";
import { Rows } from "./rows.ts";

/** The rows other than tasks and occurrences, as they are stored. */
export interface Lists {
  readonly categories: readonly CategoryRow[];
  readonly tags: readonly TagRow[];
  readonly filters: readonly SavedFilterRow[];
  readonly members: readonly MemberRow[];
}

export class Memory {
  readonly indexes: Indexes;
  readonly tasks: Rows<"task">;
  readonly labels: {
    readonly category: Rows<"category">;
    readonly tag: Rows<"tag">;
    readonly filter: Rows<"filter">;
  };
  readonly members = new Map<string, MemberRow>();
  readonly occurrences = new Map<string, Map<string, OccurrenceRow>>();
  /** The outbox, in no order: see {@link Memory.entriesInOrder}. */
  readonly entries = new Map<string, Entry>();
  readonly mounted: Mounted<TaskRow | undefined>;

  readonly categoryList = signal<readonly CategoryRow[]>([]);
  readonly tagList = signal<readonly TagRow[]>([]);
  readonly filterList = signal<readonly SavedFilterRow[]>([]);
  readonly memberList = signal<readonly MemberRow[]>([]);
  readonly refused = signal<readonly Refused[]>([]);
  readonly unsent = signal(0);

  readonly #dropped = new Set<string>();
  readonly #entriesByRow = new Map<string, Set<string>>();
  readonly #stale = new Set<WrittenKind | "entries" | "member">();
  /** The keys of the entries in order, and keys of entries that were dropped. */
  #keys: string[] = [];

  /** @param day the due day of a task in the person's time zone, or `none`. */
  constructor(day: (task: TaskRow) => string) {
    this.indexes = new Indexes(day);
    this.mounted = new Mounted((id) => this.tasks.get(id));
    this.tasks = new Rows<"task">((id, before, after) => {
      this.indexes.update(id, before, after);
      this.mounted.refresh(id);
    });
    this.labels = {
      category: new Rows<"category">(() => this.#stale.add("category")),
      tag: new Rows<"tag">(() => this.#stale.add("tag")),
      filter: new Rows<"filter">(() => this.#stale.add("filter")),
    };
  }

  /** Run changes; watchers are notified once, at the end. */
  change(run: () => void): void {
    batch(() => {
      run();
      this.#refreshLists();
    });
  }

  /** Apply a page of changes. Call within {@link Memory.change}. */
  applyPage(page: Page): void {
    for (const row of page.categories) this.labels.category.setServer(row.id, row);
    for (const row of page.tags) this.labels.tag.setServer(row.id, row);
    for (const row of page.filters) this.labels.filter.setServer(row.id, row);
    for (const row of page.members) this.members.set(row.id, row);
    if (page.members.length > 0) this.#stale.add("member");
    for (const row of page.tasks) this.tasks.setServer(row.id, row);
    for (const row of page.occurrences) this.setOccurrence(row);
    for (const { kind, id } of page.removed) this.#removeRow(kind, id);
  }

  setOccurrence(row: OccurrenceRow): void {
    const rows = this.occurrences.get(row.task_id);
    if (rows === undefined) this.occurrences.set(row.task_id, new Map([[row.id, row]]));
    else rows.set(row.id, row);
  }

  /** Load the stored lists. */
  setLists(lists: Lists): void {
    for (const row of lists.categories) this.labels.category.setServer(row.id, row);
    for (const row of lists.tags) this.labels.tag.setServer(row.id, row);
    for (const row of lists.filters) this.labels.filter.setServer(row.id, row);
    for (const row of lists.members) this.members.set(row.id, row);
    this.#stale.add("member");
  }

  /** The rows of the server as they are stored. */
  getLists(): Lists {
    return {
      categories: [...this.labels.category.serverRows()],
      tags: [...this.labels.tag.serverRows()],
      filters: [...this.labels.filter.serverRows()],
      members: [...this.members.values()],
    };
  }

  /** Delete all rows of the server. The outbox stays, and what it creates stays visible. */
  clearServer(): void {
    this.tasks.clearServer();
    for (const rows of Object.values(this.labels)) rows.clearServer();
    this.members.clear();
    this.occurrences.clear();
    this.#stale.add("member");
  }

  /** Add entries or replace them by later versions. Call within {@link Memory.change}. */
  putEntries(entries: readonly Entry[]): void {
    const rows = new Set<string>();
    for (const entry of entries) {
      const known = this.entries.get(entry.key);
      if (this.#dropped.has(entry.key) || (known !== undefined && known.edit >= entry.edit))
        continue;
      if (known !== undefined) this.#forget(known, rows);
      this.entries.set(entry.key, entry);
      if (known === undefined) this.#addKey(entry.key);
      for (const effect of entry.effects) {
        const row = `${effect.kind}:${effect.id}`;
        rows.add(row);
        const keys = this.#entriesByRow.get(row);
        if (keys === undefined) this.#entriesByRow.set(row, new Set([entry.key]));
        else keys.add(entry.key);
      }
    }
    this.#applyEntries(rows);
  }

  /** Replace entries by what is stored, whatever is known of them. */
  replaceEntries(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const known = this.entries.get(entry.key);
      if (known !== undefined) this.entries.set(entry.key, { ...known, edit: 0 });
    }
    this.putEntries(entries);
  }

  /** Remove entries. Call within {@link Memory.change}. */
  dropEntries(keys: readonly string[]): void {
    const rows = new Set<string>();
    for (const key of keys) {
      const entry = this.entries.get(key);
      // A message of another tab about this entry may still come.
      this.#dropped.add(key);
      this.entries.delete(key);
      if (entry !== undefined) this.#forget(entry, rows);
    }
    this.#applyEntries(rows);
  }

  /** The greatest key, perhaps of an entry that was dropped. */
  get lastKey(): string | undefined {
    return this.#keys.at(-1);
  }

  listEntries(): Entry[] {
    return [...this.entriesInOrder()];
  }

  /** The outbox, the oldest entry first. */
  *entriesInOrder(): Generator<Entry> {
    for (const key of this.#keys) {
      const entry = this.entries.get(key);
      if (entry !== undefined) yield entry;
    }
  }

  #addKey(key: string): void {
    if (this.#keys.length > 2 * this.entries.size + 100) {
      this.#keys = this.#keys.filter((known) => this.entries.has(known) && known !== key);
    }
    let at = this.#keys.length;
    while (at > 0 && (this.#keys[at - 1] ?? "") > key) at -= 1;
    this.#keys.splice(at, 0, key);
  }

  /** The entries that change a row, in order. */
  listEntriesOf(kind: WrittenKind, id: string): Entry[] {
    const keys = this.#entriesByRow.get(`${kind}:${id}`) ?? [];
    return [...keys]
      .map((key) => this.entries.get(key))
      .filter((entry) => entry !== undefined)
      .sort(compareKeys);
  }

  #forget(entry: Entry, rows: Set<string>): void {
    for (const effect of entry.effects) {
      const row = `${effect.kind}:${effect.id}`;
      rows.add(row);
      const keys = this.#entriesByRow.get(row);
      keys?.delete(entry.key);
      if (keys?.size === 0) this.#entriesByRow.delete(row);
    }
  }

  #applyEntries(rows: ReadonlySet<string>): void {
    for (const row of rows) {
      const at = row.indexOf(":");
      const kind = row.slice(0, at) as WrittenKind;
      const id = row.slice(at + 1);
      const effects = this.listEntriesOf(kind, id)
        .flatMap((entry) => entry.effects)
        .filter((effect) => effect.kind === kind && effect.id === id);
      const table: { setEffects(id: string, effects: readonly unknown[]): void } =
        kind === "task" ? this.tasks : this.labels[kind];
      table.setEffects(id, effects);
    }
    this.#stale.add("entries");
  }

  #removeRow(kind: string, id: string): void {
    if (kind === "task") {
      this.tasks.setServer(id, undefined);
      this.occurrences.delete(id);
    } else if (kind === "member") {
      this.members.delete(id);
      this.#stale.add("member");
    } else if (kind === "category" || kind === "tag" || kind === "filter") {
      this.labels[kind].setServer(id, undefined);
    } else if (kind === "occurrence") {
      for (const rows of this.occurrences.values()) rows.delete(id);
    }
  }

  #refreshLists(): void {
    if (this.#stale.has("category")) {
      setList(this.categoryList, this.labels.category.visible(), byPosition);
    }
    if (this.#stale.has("tag")) setList(this.tagList, this.labels.tag.visible(), byName);
    if (this.#stale.has("filter")) {
      setList(this.filterList, this.labels.filter.visible(), byPosition);
    }
    if (this.#stale.has("member")) {
      this.memberList.value = [...this.members.values()].sort(byName);
    }
    if (this.#stale.has("entries")) {
      this.unsent.value = [...this.entries.values()].filter(isUnsent).length;
    }
    this.#stale.clear();
  }
}

function isUnsent(entry: Entry): boolean {
  return entry.state !== "done";
}

interface Listed {
  readonly id: string;
  readonly deleted_at: string | null;
}

function setList<R extends Listed>(
  list: Signal<readonly R[]>,
  rows: Iterable<R>,
  compare: (a: R, b: R) => number,
): void {
  list.value = [...rows].filter((row) => row.deleted_at === null).sort(compare);
}

function byName(a: { id: string; name: string }, b: { id: string; name: string }): number {
  return compare(a.name.toLowerCase(), b.name.toLowerCase()) || compare(a.id, b.id);
}

interface Placed {
  readonly id: string;
  readonly position: number | string;
}

function byPosition(a: Placed, b: Placed): number {
  return compare(a.position, b.position) || compare(a.id, b.id);
}

function compare(a: number | string, b: number | string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
