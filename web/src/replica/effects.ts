/** What a change does to the visible rows, before the server has answered. */
import { makeKeyBetween } from "../domain/order.ts";
import { makeRepeatFields } from "../domain/repeatFields.ts";
import type { TaskRow } from "../domain/rows.ts";
import type { AnyEffect, RowOf, WrittenKind } from "./entry.ts";
import type { Memory } from "./memory.ts";
import type { Change, Place, Subtasks } from "./replica.ts";
import { diffTags } from "./rows.ts";

/** What the rules of `domain/complete.ts` need of the replica. */
export interface EndContext {
  /** The instant of the change, in RFC 3339. */
  readonly at: string;
  /** The direct sub-tasks of a task, also those in the trash. */
  readonly listChildren: (id: string) => readonly TaskRow[];
}

/**
 * The changed fields of the task and its sub-tasks, by id, after an occurrence has ended; null if
 * the rule cannot be evaluated here. The server's answer brings the rest.
 */
export type EndOccurrence = (
  task: TaskRow,
  action: "complete" | "skip",
  subtasks: Subtasks,
  context: EndContext,
) => ReadonlyMap<string, Partial<TaskRow>> | null;

type ChangeOf<K extends WrittenKind, A extends string> = Extract<Change, { kind: K; action: A }>;

/** The effects of a change on the rows that are visible now. `now` is an instant in RFC 3339. */
export function getEffects(
  memory: Memory,
  change: Change,
  now: string,
  endOccurrence: EndOccurrence,
): AnyEffect[] {
  if (change.kind !== "task") return getLabelEffects(memory, change, now);
  const { kind, id } = change;
  const task = memory.tasks.get(id);
  if (change.action === "create") return [{ kind, id, create: makeTask(memory, change, now) }];
  if (task === undefined) return [];
  switch (change.action) {
    case "update":
      return [getUpdateEffect(task, change, now), ...getSubtaskEffects(memory, change, now)];
    case "complete":
    case "skip": {
      const subtasks = ("subtasks" in change && change.subtasks) || "keep";
      const context = { at: now, listChildren: (parent: string) => listChildren(memory, parent) };
      const isCurrent = task.repeat_at === change.occurrence;
      const ended = isCurrent ? endOccurrence(task, change.action, subtasks, context) : null;
      // The entry must be listed with its task, also if nothing can be shown before the answer.
      const patches = new Map([[id, {}], ...(ended ?? [])]);
      return [...patches].map(([row, patch]) => ({ kind, id: row, patch }));
    }
    case "move":
      return [{ kind, id, patch: { position: getPosition(memory, change.place, id) } }];
    case "trash":
      return [task, ...listDescendants(memory, id)]
        .filter((row) => row.deleted_at === null)
        .map((row) => ({ kind, id: row.id, patch: { deleted_at: now } }));
    case "restore":
      return [task, ...listDescendants(memory, id)]
        .filter((row) => row.deleted_at === task.deleted_at)
        .map((row) => ({ kind, id: row.id, patch: { deleted_at: null } }));
    case "purge":
      return [task, ...listDescendants(memory, id)].map((row) => ({
        kind,
        id: row.id,
        gone: true,
      }));
  }
}

function getUpdateEffect(
  task: TaskRow,
  change: ChangeOf<"task", "update">,
  now: string,
): AnyEffect {
  const { tag_ids, ...set } = change.set;
  const repeat = makeRepeatFields(set, task);
  const patch = { ...set, ...repeat, ...getCompletion(task, set, now), updated_at: now };
  const tags = tag_ids === undefined ? undefined : diffTags(task.tag_ids, tag_ids);
  return { kind: "task", id: change.id, patch, ...(tags && { tags }) };
}

function getCompletion(task: TaskRow, set: Partial<TaskRow>, now: string): Partial<TaskRow> {
  if (set.status === undefined || set.status === task.status) return {};
  return { completed_at: set.status === "done" ? now : null };
}

function getSubtaskEffects(
  memory: Memory,
  change: { readonly id: string; readonly subtasks?: string },
  now: string,
): AnyEffect[] {
  if (change.subtasks !== "complete") return [];
  return listDescendants(memory, change.id)
    .filter((row) => row.deleted_at === null && isOpen(row))
    .map(({ id }) => ({ kind: "task", id, patch: { status: "done", completed_at: now } }));
}

function isOpen(row: TaskRow): boolean {
  return row.status === "todo" || row.status === "in_progress";
}

function makeTask(memory: Memory, change: ChangeOf<"task", "create">, now: string): TaskRow {
  const done = change.set.status === "done";
  return {
    id: change.id,
    number: null,
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
    position: getPosition(memory, change.place ?? { at: "end" }, change.id),
    revision: 0,
    created_at: now,
    updated_at: now,
    completed_at: done ? now : null,
    deleted_at: null,
    ...change.set,
    ...makeRepeatFields(change.set, null),
  };
}

function getLabelEffects(
  memory: Memory,
  change: Exclude<Change, { kind: "task" }>,
  now: string,
): AnyEffect[] {
  const { kind, id } = change;
  if (change.action === "delete") {
    const label: AnyEffect = { kind, id, patch: { deleted_at: now } };
    return [label, ...getEffectsOfDelete(memory, change, now)];
  }
  if (change.action === "update") return [{ kind, id, patch: change.set }];
  if (change.action === "move") {
    return [
      { kind: "filter", id, patch: { position: getFilterPosition(memory, change.place, id) } },
    ];
  }
  const row = { id, name: "", color: null, revision: 0, deleted_at: null };
  switch (change.kind) {
    case "category": {
      const position = memory.categoryList.peek().length;
      const create = { ...row, position, archived: false, ...change.set };
      return [{ kind: change.kind, id, create }];
    }
    case "tag":
      return [{ kind: change.kind, id, create: { ...row, ...change.set } }];
    case "filter": {
      const shape = { filter: "", sort: null, group_by: "none", shared: false, owner: null };
      const position = memory.filterList.peek().at(-1)?.position ?? null;
      const create: RowOf["filter"] = {
        ...row,
        ...shape,
        position: makeKey(position, null),
        ...change.set,
      };
      return [{ kind: change.kind, id, create }];
    }
  }
}

/** The key of a place in the order of the saved filters. */
function getFilterPosition(memory: Memory, place: Place, moved: string): string {
  const others = memory.filterList.peek().filter(({ id }) => id !== moved);
  const keys = others.map(({ position }) => position);
  if ("at" in place) {
    return place.at === "end" ? makeKey(keys.at(-1) ?? null, null) : makeKey(null, keys[0] ?? null);
  }
  const neighbour = "before" in place ? place.before : place.after;
  const at = others.findIndex(({ id }) => id === neighbour);
  const index = at < 0 ? others.length : "before" in place ? at : at + 1;
  return makeKey(keys[index - 1] ?? null, keys[index] ?? null);
}

/** Deleting a category trashes or moves its tasks; deleting a tag removes it from its tasks. */
function getEffectsOfDelete(
  memory: Memory,
  change: Extract<Change, { action: "delete" }>,
  now: string,
): AnyEffect[] {
  if (change.kind === "filter") return [];
  const ids = [...memory.indexes.get(change.kind, change.id)];
  if (change.kind !== "category") {
    const tags = { add: [], remove: [change.id] };
    return ids.map((id) => ({ kind: "task", id, tags }));
  }
  const target = change.move_to;
  const patch = target === undefined ? { deleted_at: now } : { category_id: target };
  return ids.map((id) => ({ kind: "task", id, patch }));
}

function listChildren(memory: Memory, id: string): TaskRow[] {
  const rows = [...memory.indexes.listChildren(id)].map((child) => memory.tasks.get(child));
  return rows.filter((row) => row !== undefined);
}

/** All sub-tasks on all levels, also those in the trash. */
export function listDescendants(memory: Memory, id: string): TaskRow[] {
  const found: TaskRow[] = [];
  const seen = new Set([id]);
  const open = [id];
  for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
    for (const child of memory.indexes.listChildren(parent)) {
      const row = memory.tasks.get(child);
      if (row === undefined || seen.has(child)) continue;
      seen.add(child);
      found.push(row);
      open.push(child);
    }
  }
  return found;
}

/** The key of a place in the manual order of all tasks. */
function getPosition(memory: Memory, place: Place, moved: string): string {
  if ("at" in place) {
    const edge = findEdge(memory, place.at, moved);
    return place.at === "end" ? makeKey(edge, null) : makeKey(null, edge);
  }
  const neighbour = memory.tasks.get("before" in place ? place.before : place.after);
  if (neighbour === undefined) return makeKey(findEdge(memory, "end", moved), null);
  const other = findNextTo(memory, neighbour, "before" in place, moved);
  return "before" in place
    ? makeKey(other, neighbour.position)
    : makeKey(neighbour.position, other);
}

function makeKey(before: string | null, after: string | null): string {
  try {
    return makeKeyBetween(before, after);
  } catch (error) {
    // Two tasks with one key, or a key of a later server: its answer brings the right one.
    if (error instanceof RangeError) return before ?? after ?? "a0";
    throw error;
  }
}

function findEdge(memory: Memory, edge: "start" | "end", moved: string): string | null {
  let found: string | null = null;
  memory.tasks.forEachVisible(({ id, position }) => {
    if (id === moved) return;
    const better = found === null || (edge === "end" ? position > found : position < found);
    if (better) found = position;
  });
  return found;
}

/** The key directly before or after a task, without the moved task. */
function findNextTo(
  memory: Memory,
  task: TaskRow,
  isBefore: boolean,
  moved: string,
): string | null {
  let found: string | null = null;
  memory.tasks.forEachVisible(({ id, position }) => {
    if (id === task.id || id === moved) return;
    const beyond = isBefore ? position < task.position : position > task.position;
    if (!beyond) return;
    if (found === null || (isBefore ? position > found : position < found)) found = position;
  });
  return found;
}

/** The task directly before another one in the manual order, to describe its place. */
export function findPlace(memory: Memory, task: TaskRow): Place {
  const found: { row: TaskRow | null } = { row: null };
  memory.tasks.forEachVisible((row) => {
    if (row.position >= task.position || row.id === task.id || row.deleted_at !== null) return;
    if (found.row === null || row.position > found.row.position) found.row = row;
  });
  return found.row === null ? { at: "start" } : { after: found.row.id };
}
