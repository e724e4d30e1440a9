import type { TaskRow } from "../domain/rows.ts";
import type { Replica } from "../replica/replica.ts";

/** The rows of ids, without those that are gone. */
export function getRows(replica: Replica, ids: Iterable<string>): TaskRow[] {
  const rows: TaskRow[] = [];
  for (const id of ids) {
    const row = replica.task(id);
    if (row) rows.push(row);
  }
  return rows;
}

/** All open tasks. Reads signals: a computed value is calculated again when one of them changes. */
export function listOpen(replica: Replica): TaskRow[] {
  const ids = [
    ...replica.bucket("status", "todo").value,
    ...replica.bucket("status", "in_progress").value,
  ];
  return getRows(replica, ids);
}
