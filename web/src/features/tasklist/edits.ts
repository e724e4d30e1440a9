/** What a person does to tasks, with the toast that tells it and offers to undo it. */
import type { Done, TaskIds } from "../../actions/action.ts";
import { completeTasks, reopenTasks } from "../../actions/complete.ts";
import { changeTags, editTasks, setDueDay } from "../../actions/edit.ts";
import { trashTasks } from "../../actions/trash.ts";
import type { Day } from "../../domain/days.ts";
import type { TaskRow } from "../../domain/rows.ts";
import { t } from "../../i18n/translate.ts";
import type { EditBase, Replica, TaskFields } from "../../replica/replica.ts";
import { showToast } from "../../ui/Toast.tsx";
import { getRows } from "../rows.ts";
import { isClosed, keep, kept, release } from "./kept.ts";

/** The texts of a toast: for one task, with its title, and for several, with their number. */
export type ToastKey = "added" | "changed" | "done" | "moved" | "reopened" | "restored" | "trashed";

/**
 * Wait for a change to be stored, and show what was done, with a button to undo it.
 *
 * @returns what was done; null if the change could not be stored.
 */
export async function report<Result extends Done>(
  replica: Replica,
  change: Promise<Result>,
  key: ToastKey,
): Promise<Result | null> {
  const done = await reportFailure(change);
  const group = done?.group ?? null;
  if (done !== null && group !== null) {
    const undo = { label: t("ui.undo"), run: () => void replica.undo(group) };
    showToast({ text: describe(done, key), action: undo });
  }
  return done;
}

/** Wait for a change to be stored. Returns null, and says so, if it could not be. */
export async function reportFailure<Result>(change: Promise<Result>): Promise<Result | null> {
  try {
    return await change;
  } catch (error) {
    console.error(error);
    showToast({ text: t("toast.notSaved") });
    return null;
  }
}

function describe({ count, title }: Done, key: ToastKey): string {
  return title === null ? t(`toast.${key}Many`, { count }) : t(`toast.${key}`, { title });
}

/** Complete tasks, or reopen them if all are closed. Completed ones stay in the list. */
export async function toggleDone(replica: Replica, ids: TaskIds): Promise<void> {
  const rows = getRows(replica, ids);
  const open = rows.filter((row) => !isShownDone(row));
  if (open.length === 0) return reopen(replica, rows);
  keep(open);
  const openIds = open.map(({ id }) => id);
  const done = await report(replica, completeTasks(replica, openIds), "done");
  if (done === null) release(openIds);
  else keep(open, done.group);
}

/** Whether a row is shown as done: it is closed, or it repeats and this occurrence was completed. */
export function isShownDone(row: TaskRow): boolean {
  return isClosed(row) || wasCompleted(row);
}

function wasCompleted(row: TaskRow): boolean {
  const before = kept.value.get(row.id)?.row;
  return before?.repeat_rule != null && before.due_date !== row.due_date;
}

async function reopen(replica: Replica, rows: readonly TaskRow[]): Promise<void> {
  // The completion of a repeating task is undone: its due date has moved on.
  const moved = rows.filter((row) => !isClosed(row));
  const groups = new Set(moved.map(({ id }) => kept.peek().get(id)?.group));
  for (const group of groups) if (group) await replica.undo(group);
  const closed = rows.filter(isClosed).map(({ id }) => id);
  release(rows.map(({ id }) => id));
  if (closed.length > 0) await report(replica, reopenTasks(replica, closed), "reopened");
}

/** Set fields of tasks. `base` is what the person saw when the edit began. */
export async function edit(
  replica: Replica,
  ids: TaskIds,
  set: Partial<TaskFields>,
  base?: EditBase,
): Promise<void> {
  await report(replica, editTasks(replica, ids, set, base), "changed");
}

/**
 * Set fields while the person types: no toast, because the field itself shows the change.
 *
 * @param base what the person saw when the edit began.
 * @returns false if the change could not be stored.
 */
export async function editQuietly(
  replica: Replica,
  ids: TaskIds,
  set: Partial<TaskFields>,
  base?: EditBase,
): Promise<boolean> {
  return (await reportFailure(editTasks(replica, ids, set, base))) !== null;
}

/** Move tasks to a day; they keep their time of day. Null removes the due date. */
export async function setDay(replica: Replica, ids: TaskIds, day: Day | null): Promise<void> {
  await report(replica, setDueDay(replica, ids, day), "changed");
}

/** Add a tag to all tasks, or remove it if all have it. */
export async function toggleTag(replica: Replica, ids: TaskIds, tag: string): Promise<void> {
  const isEverywhere = getRows(replica, ids).every((row) => row.tag_ids.includes(tag));
  const change = isEverywhere ? { remove: [tag] } : { add: [tag] };
  await report(replica, changeTags(replica, ids, change), "changed");
}

/** Move tasks to the trash. */
export async function trash(replica: Replica, ids: TaskIds): Promise<void> {
  await report(replica, trashTasks(replica, ids), "trashed");
}
