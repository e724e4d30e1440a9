/**
 * The tasks that were completed while a list is shown. They stay in it, struck through, until the
 * list is left, so that the rows below do not jump and a wrong tick is seen.
 */
import { signal } from "@preact/signals";
import type { TaskRow } from "../../domain/rows.ts";

/** A completed task as it was before: a repeating task has its next due date by now. */
export interface Kept {
  readonly row: TaskRow;
  /** The group of changes that completed it, once it is stored. */
  readonly group: string | null;
}

export const kept = signal<ReadonlyMap<string, Kept>>(new Map());

/** Keep rows as they are before they are completed. */
export function keep(rows: readonly TaskRow[], group: string | null = null): void {
  const next = new Map(kept.peek());
  for (const row of rows) next.set(row.id, { row: next.get(row.id)?.row ?? row, group });
  kept.value = next;
}

/** Forget rows: they were reopened, or the list is left. */
export function release(ids?: readonly string[]): void {
  if (!ids) {
    kept.value = new Map();
    return;
  }
  const next = new Map(kept.peek());
  for (const id of ids) next.delete(id);
  kept.value = next;
}

/** Whether a task is over: done or cancelled. */
export function isClosed(row: TaskRow): boolean {
  return row.status === "done" || row.status === "cancelled";
}
