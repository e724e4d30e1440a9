/** Where tasks go that are dragged in a list. All functions are pure. */
import type { TaskRow } from "../../domain/rows.ts";
import type { Place } from "../../replica/replica.ts";
import type { Entry, TaskEntry } from "./entries.ts";

/** The row beside which dragged tasks are held. */
export interface RowDrop {
  readonly id: string;
  readonly edge: "after" | "before";
  /** The tasks become sub-tasks: the mark is set in. */
  readonly isNested: boolean;
}

/** What a drop does. */
export interface ListDrop extends RowDrop {
  /** The new parent; null for none in this list. */
  readonly parent: string | null;
  readonly place: Place;
}

/**
 * Where tasks go that are held above a row. Beside a sub-task they become its siblings, below an
 * unfolded task its first sub-tasks.
 *
 * @param moved the ids of the tasks. They cannot be dropped beside themselves.
 * @returns null if they cannot be dropped there.
 */
export function findListDrop(
  entries: readonly Entry[],
  id: string,
  edge: "after" | "before",
  moved: ReadonlySet<string>,
  getTask: (id: string) => TaskRow | undefined,
): ListDrop | null {
  const at = entries.findIndex((entry) => entry.kind === "task" && entry.id === id);
  const target = entries[at];
  if (target?.kind !== "task" || moved.has(id)) return null;
  const drop = findBeside(entries, at, target, edge, getTask);
  return isBelow(drop.parent, moved, getTask) ? null : { id, edge, ...drop };
}

function findBeside(
  entries: readonly Entry[],
  at: number,
  target: TaskEntry,
  edge: "after" | "before",
  getTask: (id: string) => TaskRow | undefined,
): Pick<ListDrop, "isNested" | "parent" | "place"> {
  const child = entries[at + 1];
  if (edge === "after" && target.fold === "open" && child?.kind === "task") {
    return { isNested: true, parent: target.id, place: { before: child.id } };
  }
  const isNested = target.level === 2;
  const parent = isNested ? (getTask(target.id)?.parent ?? null) : null;
  const place = edge === "before" ? { before: target.id } : { after: target.id };
  return { isNested, parent, place };
}

/** Whether a task is one of some tasks or below one of them. */
function isBelow(
  id: string | null,
  moved: ReadonlySet<string>,
  getTask: (id: string) => TaskRow | undefined,
): boolean {
  const seen = new Set<string>();
  for (let task = id; task !== null && !seen.has(task); task = getTask(task)?.parent ?? null) {
    if (moved.has(task)) return true;
    seen.add(task);
  }
  return false;
}
