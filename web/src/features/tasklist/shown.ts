/** The tasks that a list of open tasks shows: those that are open, and those completed in it. */
import type { TaskRow } from "../../domain/rows.ts";
import type { Replica } from "../../replica/replica.ts";
import { listOpen } from "../rows.ts";
import { isShownDone } from "./edits.ts";
import { kept } from "./kept.ts";

/** All open tasks, and the completed ones that the list keeps as they were. Reads signals. */
export function listShown(replica: Replica): TaskRow[] {
  const before = [...kept.value.values()].map((each) => each.row);
  const shown = new Map(before.map((row) => [row.id, row]));
  for (const row of listOpen(replica)) {
    // A repeating task that was completed is shown as it was.
    if (!isShownDone(row)) shown.set(row.id, row);
  }
  for (const id of shown.keys()) if (!isPresent(replica, id)) shown.delete(id);
  return [...shown.values()];
}

/** Whether a row of a list is struck through: it is closed, completed in the list, or gone. */
export function isDone(replica: Replica, id: string): boolean {
  const row = replica.task(id);
  return row === undefined || isShownDone(row);
}

function isPresent(replica: Replica, id: string): boolean {
  const row = replica.task(id);
  return row !== undefined && row.deleted_at === null;
}
