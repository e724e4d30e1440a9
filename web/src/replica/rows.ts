/**
 * Rows in memory. A row of the server is never changed; the visible row is the row of the server
 * with the effects of the waiting entries applied in order.
 */
import type { Effect, RowOf, TagChange, WrittenKind } from "./entry.ts";

/** Called after the visible row has changed. Undefined: there was, or is, none. */
export type OnChange<R> = (id: string, before: R | undefined, after: R | undefined) => void;

export class Rows<K extends WrittenKind> {
  readonly #server = new Map<string, RowOf[K]>();
  /** Only the rows that differ from those of the server; null: not visible. */
  readonly #changed = new Map<string, RowOf[K] | null>();
  readonly #effects = new Map<string, readonly Effect<K>[]>();
  readonly #onChange: OnChange<RowOf[K]>;

  constructor(onChange: OnChange<RowOf[K]>) {
    this.#onChange = onChange;
  }

  /** The visible row. */
  get(id: string): RowOf[K] | undefined {
    const changed = this.#changed.get(id);
    return changed === undefined ? this.#server.get(id) : (changed ?? undefined);
  }

  /** The row as the server last sent it. */
  getServer(id: string): RowOf[K] | undefined {
    return this.#server.get(id);
  }

  serverRows(): IterableIterator<RowOf[K]> {
    return this.#server.values();
  }

  get serverSize(): number {
    return this.#server.size;
  }

  /** The visible rows, in no order. */
  *visible(): Generator<RowOf[K]> {
    for (const [id, row] of this.#server) {
      const changed = this.#changed.get(id);
      if (changed === undefined) yield row;
      else if (changed !== null) yield changed;
    }
    for (const [id, row] of this.#changed) if (row !== null && !this.#server.has(id)) yield row;
  }

  /** Call a function with each visible row: faster than the generator, for scans of all rows. */
  forEachVisible(call: (row: RowOf[K]) => void): void {
    this.#server.forEach((row, id) => {
      const changed = this.#changed.get(id);
      if (changed === undefined) call(row);
      else if (changed !== null) call(changed);
    });
    this.#changed.forEach((row, id) => {
      if (row !== null && !this.#server.has(id)) call(row);
    });
  }

  /** Store a row of the server; undefined deletes it. */
  setServer(id: string, row: RowOf[K] | undefined): void {
    this.#update(id, () => {
      if (row === undefined) this.#server.delete(id);
      else this.#server.set(id, row);
    });
  }

  /** Replace the effects of the waiting entries on a row, in their order. */
  setEffects(id: string, effects: readonly Effect<K>[]): void {
    this.#update(id, () => {
      if (effects.length === 0) this.#effects.delete(id);
      else this.#effects.set(id, effects);
    });
  }

  /** Delete all rows of the server. Rows that waiting entries create stay. */
  clearServer(): void {
    for (const id of [...this.#server.keys()]) this.setServer(id, undefined);
  }

  #update(id: string, change: () => void): void {
    const before = this.get(id);
    change();
    const effects = this.#effects.get(id);
    const server = this.#server.get(id);
    if (effects === undefined) this.#changed.delete(id);
    else this.#changed.set(id, applyEffects(server, effects) ?? null);
    const after = this.get(id);
    if (before !== after) this.#onChange(id, before, after);
  }
}

/** Apply effects in order to a row; undefined stands for no row. */
export function applyEffects<K extends WrittenKind>(
  row: RowOf[K] | undefined,
  effects: readonly Effect<K>[],
): RowOf[K] | undefined {
  let result = row;
  for (const effect of effects) {
    if (effect.gone) result = undefined;
    else if (effect.create !== undefined) result ??= effect.create;
    if (result === undefined) continue;
    if (effect.patch !== undefined) result = { ...result, ...effect.patch };
    if (effect.tags !== undefined && "tag_ids" in result) {
      result = { ...result, tag_ids: applyTags(result.tag_ids, effect.tags) };
    }
  }
  return result;
}

/** Add and remove tags. */
export function applyTags(ids: readonly string[], change: TagChange): readonly string[] {
  const removed = new Set(change.remove);
  const kept = ids.filter((id) => !removed.has(id));
  return [...kept, ...change.add.filter((id) => !kept.includes(id))];
}

/** What must be added to `before`, and removed from it, to get `after`. */
export function diffTags(before: readonly string[], after: readonly string[]): TagChange {
  return {
    add: after.filter((id) => !before.includes(id)),
    remove: before.filter((id) => !after.includes(id)),
  };
}
