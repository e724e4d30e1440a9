/** The lines of a list: headings, tasks and folds. All functions are pure. */
import type { ComponentChildren } from "preact";
import type { TaskRow } from "../../domain/rows.ts";

export interface GroupEntry {
  readonly kind: "group";
  readonly key: string;
  readonly label: string;
  /** Not shown if it is undefined. */
  readonly count?: number | undefined;
  /** Set if the heading opens and closes its tasks. */
  readonly fold?: { readonly open: boolean; readonly toggle: () => void };
  readonly action?: { readonly label: string; readonly run: (anchor: HTMLElement) => void };
  /** The "+" that adds a task to the group. */
  readonly add?: { readonly label: string; readonly run: () => void };
}

export interface TaskEntry {
  readonly kind: "task";
  readonly key: string;
  readonly id: string;
  readonly level: 1 | 2;
  /** Set for a task with sub-tasks in the list. */
  readonly fold?: "open" | "closed";
}

/** A heading that opens and closes what follows: "Done today 6". */
export interface FoldEntry {
  readonly kind: "fold";
  readonly key: string;
  readonly label: string;
  readonly count: number;
  readonly open: boolean;
  readonly toggle: () => void;
}

/** Something else between the rows, such as the note of an empty list. */
export interface NoteEntry {
  readonly kind: "note";
  readonly key: string;
  readonly content: ComponentChildren;
}

export type Entry = GroupEntry | TaskEntry | FoldEntry | NoteEntry;

/** Compare texts of ASCII as the server does, by bytes. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Lines for tasks without sub-tasks. */
export function listTasks(rows: readonly TaskRow[]): TaskEntry[] {
  return rows.map((row) => ({ kind: "task", key: row.id, id: row.id, level: 1 }));
}

/**
 * Lines for tasks, with sub-tasks below their parent where both are in the list.
 *
 * @param rows in the order of the list.
 * @param folded the ids of tasks whose sub-tasks are hidden.
 */
export function nestTasks(rows: readonly TaskRow[], folded: ReadonlySet<string>): TaskEntry[] {
  const ids = new Set(rows.map((row) => row.id));
  const children = new Map<string, TaskRow[]>();
  for (const row of rows) {
    if (row.parent === null || !ids.has(row.parent)) continue;
    const siblings = children.get(row.parent);
    if (siblings) siblings.push(row);
    else children.set(row.parent, [row]);
  }
  const lines: TaskEntry[] = [];
  for (const row of rows) {
    if (row.parent !== null && ids.has(row.parent)) continue;
    const below = listBelow(row.id, children);
    const line = { kind: "task", key: row.id, id: row.id, level: 1 } as const;
    if (below.length === 0) {
      lines.push(line);
    } else if (folded.has(row.id)) {
      lines.push({ ...line, fold: "closed" });
    } else {
      lines.push({ ...line, fold: "open" });
      for (const { id } of below) lines.push({ kind: "task", key: id, id, level: 2 });
    }
  }
  return lines;
}

/** All tasks below one, in order. Deeper levels are shown at the second level. */
function listBelow(id: string, children: ReadonlyMap<string, readonly TaskRow[]>): TaskRow[] {
  return (children.get(id) ?? []).flatMap((row) => [row, ...listBelow(row.id, children)]);
}
