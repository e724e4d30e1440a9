/** What the actions share: they write to the replica and return what a toast says. */
import type { TaskRow } from "../domain/rows.ts";
import type { Change, Replica } from "../replica/replica.ts";

/** What an action did. */
export interface Done {
  /** The number of tasks that changed. */
  readonly count: number;
  /** The title of the task, if it is one. */
  readonly title: string | null;
  /** What {@link Replica.undo} takes; null if nothing changed. */
  readonly group: string | null;
}

/** The ids of tasks: of one, or of a selection. */
export type TaskIds = readonly string[];

/** The visible rows of tasks, in the given order. Ids of deleted tasks are left out. */
export function listTasks(replica: Replica, ids: TaskIds): TaskRow[] {
  return ids.map((id) => replica.task(id)).filter((task) => task !== undefined);
}

/** Write changes to tasks as one group. It resolves when they are stored on the device. */
export async function writeTasks(
  replica: Replica,
  tasks: readonly TaskRow[],
  change: (task: TaskRow) => readonly Change[],
): Promise<Done> {
  const changes = tasks.map(change);
  const count = changes.filter((list) => list.length > 0).length;
  const all = changes.flat();
  if (all.length === 0) return { count: 0, title: null, group: null };
  const first = tasks[changes.findIndex((list) => list.length > 0)];
  const title = count === 1 ? (first?.title ?? null) : null;
  return { count, title, group: await replica.write(all) };
}

/** Whether two values of a field are equal. */
export function isEqual(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
