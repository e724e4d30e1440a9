/** Undo and redo of what this tab has written: new changes with the old values. */
import type { TaskRow } from "../domain/rows.ts";
import { findPlace } from "./effects.ts";
import type { Memory } from "./memory.ts";
import type { Change, Place, TaskFields } from "./replica.ts";
import { applyTags, diffTags } from "./rows.ts";

/** What reverts one change: made when it is written, used when it is undone. */
export type Inverse = (memory: Memory, newId: () => string) => readonly Change[];

const REMEMBERED_GROUPS = 100;

interface Group {
  readonly id: string;
  readonly inverses: readonly Inverse[];
}

export class History {
  readonly #undo: Group[] = [];
  readonly #redo: Group[] = [];

  /** Remember a new group. What was undone before can no longer be redone. */
  add(id: string, inverses: readonly Inverse[]): void {
    this.#push(id, inverses);
    this.#redo.length = 0;
  }

  /** Take a group to undo: the named one, or the latest. */
  takeUndo(id: string | undefined): Group | undefined {
    if (id === undefined) return this.#undo.pop();
    const at = this.#undo.findIndex((group) => group.id === id);
    return at < 0 ? undefined : this.#undo.splice(at, 1)[0];
  }

  takeRedo(): Group | undefined {
    return this.#redo.pop();
  }

  /** Remember what reverts an undo. */
  addUndone(id: string, inverses: readonly Inverse[]): void {
    this.#redo.push({ id, inverses });
  }

  /** Remember what reverts a redo. */
  addRedone(id: string, inverses: readonly Inverse[]): void {
    this.#push(id, inverses);
  }

  #push(id: string, inverses: readonly Inverse[]): void {
    this.#undo.push({ id, inverses });
    if (this.#undo.length > REMEMBERED_GROUPS) this.#undo.shift();
  }
}

/** What reverts the changes of a group, gathered change by change. */
export class Inverses {
  readonly #restores: Inverse[] = [];
  readonly #others: Inverse[] = [];

  /** Call this directly before the change is applied. */
  add(memory: Memory, change: Change): void {
    const list = change.action === "trash" ? this.#restores : this.#others;
    list.unshift(makeInverse(memory, change));
  }

  /** The last change is reverted first, but tasks are restored before anything refers to them. */
  list(): readonly Inverse[] {
    return [...this.#restores, ...this.#others];
  }
}

/** The changes of inverses, one inverse after the other: each sees what the ones before have done. */
export function* applyInverses(
  inverses: readonly Inverse[],
  memory: Memory,
  newId: () => string,
): Generator<Change> {
  for (const inverse of inverses) yield* inverse(memory, newId);
}

/** What reverts a change, as seen directly before it is made. */
export function makeInverse(memory: Memory, change: Change): Inverse {
  return change.kind === "task"
    ? makeTaskInverse(memory, change)
    : makeLabelInverse(memory, change);
}

function makeTaskInverse(memory: Memory, change: Extract<Change, { kind: "task" }>): Inverse {
  const { kind, id } = change;
  const row = memory.tasks.get(id);
  switch (change.action) {
    case "create":
    case "restore":
      return () => [{ kind, action: "trash", id }];
    case "trash":
      return () => [{ kind, action: "restore", id }];
    case "purge":
      return () => [];
    case "move": {
      const place = row === undefined ? null : findPlace(memory, row);
      return () => (place === null ? [] : [{ kind, action: "move", id, place }]);
    }
    case "complete":
    case "skip":
      // A rule together with a due date begins the series again at that date.
      return revertFields(id, row, ["status", "due_date", "due_time_zone", "repeat_rule"]);
    case "update":
      return revertUpdate(id, row, change.set);
  }
}

function revertUpdate(id: string, row: TaskRow | undefined, set: Partial<TaskFields>): Inverse {
  const { tag_ids, ...others } = set;
  const fields = Object.keys(others) as (keyof TaskFields)[];
  const revert = revertFields(id, row, fields);
  if (row === undefined || tag_ids === undefined) return revert;
  // Only the tags of this change are reverted, not those of others.
  const tags = diffTags(tag_ids, row.tag_ids);
  return (memory) => {
    const now = memory.tasks.get(id);
    const old =
      fields.length === 0 ? {} : Object.fromEntries(fields.map((name) => [name, row[name]]));
    const ids = now === undefined ? row.tag_ids : applyTags(now.tag_ids, tags);
    return [{ kind: "task", action: "update", id, set: { ...old, tag_ids: ids } }];
  };
}

function revertFields(
  id: string,
  row: TaskRow | undefined,
  fields: readonly (keyof TaskFields)[],
): Inverse {
  if (row === undefined || fields.length === 0) return () => [];
  const set = Object.fromEntries(fields.map((name) => [name, row[name]]));
  return () => [{ kind: "task", action: "update", id, set }];
}

function makeLabelInverse(memory: Memory, change: Exclude<Change, { kind: "task" }>): Inverse {
  const { kind, id } = change;
  if (change.action === "create") {
    // A label that other tasks have got since stays.
    return (now) => (isUsed(now, kind, id) ? [] : [{ kind, action: "delete", id }]);
  }
  const row = memory.labels[kind].get(id);
  if (row === undefined) return () => [];
  const values = new Map<string, unknown>(Object.entries(row));
  const pick = (fields: readonly string[]) =>
    Object.fromEntries(fields.map((name) => [name, values.get(name)]));
  if ("set" in change) {
    const set = pick(Object.keys(change.set));
    return () => [{ kind, action: "update", id, set } as Change];
  }
  if (change.action === "move") {
    const place = findFilterPlace(memory, id);
    return () => [{ kind: "filter", action: "move", id, place }];
  }
  return revertDelete(memory, change, pick);
}

function isUsed(memory: Memory, kind: "category" | "filter" | "tag", id: string): boolean {
  return kind !== "filter" && memory.indexes.get(kind, id).size > 0;
}

/** The tasks in the trash that have a label. */
function listTrashed(memory: Memory, kind: "category" | "tag", label: string): string[] {
  return [...memory.indexes.get("trash", "")].filter((id) => {
    const row = memory.tasks.get(id);
    return kind === "tag" ? row?.tag_ids.includes(label) : row?.category_id === label;
  });
}

/** The saved filter before another one, to describe its place. */
function findFilterPlace(memory: Memory, id: string): Place {
  const filters = memory.filterList.peek();
  const before = filters[filters.findIndex((filter) => filter.id === id) - 1];
  return before === undefined ? { at: "start" } : { after: before.id };
}

/** The label is created again under a new id, and its tasks get it back. */
function revertDelete(
  memory: Memory,
  change: Extract<Change, { action: "delete" }>,
  pick: (fields: readonly string[]) => Readonly<Record<string, unknown>>,
): Inverse {
  const { kind, id } = change;
  if (kind === "filter") {
    const set = pick(["name", "filter", "sort", "group_by", "color", "shared"]);
    return (_, newId) => [{ kind, action: "create", id: newId(), set } as Change];
  }
  const tasks = [...memory.indexes.get(kind, id)];
  // The server restores a category with the first task that is restored.
  if (kind === "category" && change.move_to === undefined && tasks.length > 0) {
    return () => tasks.map((task) => ({ kind: "task", action: "restore", id: task }));
  }
  const set = pick(["name", "color"]);
  const trashed = listTrashed(memory, kind, id);
  return (now, newId) => {
    const restored = trashed.filter((task) => now.tasks.get(task)?.deleted_at === null);
    // The server restores a category with its first task.
    if (kind === "category" && restored.length > 0) return [];
    const label = newId();
    const create = { kind, action: "create", id: label, set } as Change;
    return [
      create,
      ...[...tasks, ...restored].flatMap((task) => returnLabel(now, kind, label, task)),
    ];
  };
}

function returnLabel(
  memory: Memory,
  kind: "category" | "tag",
  label: string,
  task: string,
): Change[] {
  const row = memory.tasks.get(task);
  // A task in the trash cannot be changed.
  if (row === undefined || row.deleted_at !== null) return [];
  const set = kind === "tag" ? { tag_ids: [...row.tag_ids, label] } : { category_id: label };
  return [{ kind: "task", action: "update", id: task, set }];
}
