/** Indexes of the visible tasks, updated row by row. */
import type { ReadonlySignal } from "@preact/signals";
import type { TaskRow } from "../domain/rows.ts";
import { Mounted } from "./mounted.ts";
import type { IndexName } from "./replica.ts";

type Keys = readonly (readonly [IndexName, string])[];

const EMPTY: ReadonlySet<string> = new Set();

export class Indexes {
  readonly #buckets = new Map<string, Set<string>>();
  readonly #numbers = new Map<number, string>();
  /** Sub-tasks by parent, also those in the trash: they are restored and purged with it. */
  readonly #children = new Map<string, Set<string>>();
  readonly #day: (task: TaskRow) => string;
  readonly #signals = new Mounted<ReadonlySet<string>>((name) => new Bucket(this.#read(name)));

  /** @param day the due day of a task in the person's time zone, or `none`. */
  constructor(day: (task: TaskRow) => string) {
    this.#day = day;
  }

  watch(index: IndexName, key: string): ReadonlySignal<ReadonlySet<string>> {
    return this.#signals.watch(toName(index, key));
  }

  get(index: IndexName, key: string): ReadonlySet<string> {
    return this.#read(toName(index, key));
  }

  findByNumber(number: number): string | undefined {
    return this.#numbers.get(number);
  }

  /** The direct sub-tasks, also those in the trash. */
  listChildren(id: string): ReadonlySet<string> {
    return this.#children.get(id) ?? EMPTY;
  }

  /** The number of buckets that somebody watches. */
  get watched(): number {
    return this.#signals.size;
  }

  /** Move a task from the buckets of its old row to those of its new one. */
  update(id: string, before: TaskRow | undefined, after: TaskRow | undefined): void {
    if (before?.number !== after?.number) {
      if (before?.number != null) this.#numbers.delete(before.number);
      if (after?.number != null) this.#numbers.set(after.number, id);
    }
    if (before?.parent !== after?.parent) {
      if (before?.parent != null) removeFrom(this.#children, before.parent, id);
      if (after?.parent != null) addTo(this.#children, after.parent, id);
    }
    const old = new Set(this.#listKeys(before).map(([index, key]) => toName(index, key)));
    const now = new Set(this.#listKeys(after).map(([index, key]) => toName(index, key)));
    for (const name of old) if (!now.has(name)) removeFrom(this.#buckets, name, id);
    for (const name of now) if (!old.has(name)) addTo(this.#buckets, name, id);
    for (const name of old) this.#signals.refresh(name);
    for (const name of now) if (!old.has(name)) this.#signals.refresh(name);
  }

  #listKeys(task: TaskRow | undefined): Keys {
    if (task === undefined) return [];
    if (task.deleted_at !== null) return [["trash", ""]];
    const tags = task.tag_ids.length === 0 ? ["none"] : task.tag_ids;
    return [
      ["all", ""],
      ["assignee", task.assignee ?? "none"],
      ["category", task.category_id ?? "none"],
      ["day", this.#day(task)],
      ["parent", task.parent ?? "none"],
      ["status", task.status],
      ...tags.map((id) => ["tag", id] as const),
    ];
  }

  #read(name: string): ReadonlySet<string> {
    return this.#buckets.get(name) ?? EMPTY;
  }
}

/**
 * A bucket as the value of a signal. It is a new object for each change, because signals compare by
 * identity, but it shares the set: copying 10,000 ids for each change would cost too much.
 */
class Bucket implements ReadonlySet<string> {
  readonly #ids: ReadonlySet<string>;

  constructor(ids: ReadonlySet<string>) {
    this.#ids = ids;
  }
  get size(): number {
    return this.#ids.size;
  }
  has(id: string): boolean {
    return this.#ids.has(id);
  }
  forEach(call: (value: string, key: string, set: ReadonlySet<string>) => void): void {
    for (const id of this.#ids) call(id, id, this);
  }
  keys() {
    return this.#ids.keys();
  }
  values() {
    return this.#ids.values();
  }
  entries() {
    return this.#ids.entries();
  }
  [Symbol.iterator]() {
    return this.#ids[Symbol.iterator]();
  }
}

function toName(index: IndexName, key: string): string {
  return `${index}:${key}`;
}

function addTo(sets: Map<string, Set<string>>, key: string, id: string): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([id]));
  else set.add(id);
}

function removeFrom(sets: Map<string, Set<string>>, key: string, id: string): void {
  const set = sets.get(key);
  set?.delete(id);
  if (set?.size === 0) sets.delete(key);
}
