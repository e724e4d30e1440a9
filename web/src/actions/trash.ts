/** Trashing, restoring and permanently deleting tasks. */
import type { TaskRow } from "../domain/rows.ts";
import type { Replica } from "../replica/replica.ts";
import { type Done, listTasks, type TaskIds, writeTasks } from "./action.ts";

/** Move tasks and their sub-tasks to the trash. */
export async function trashTasks(replica: Replica, ids: TaskIds): Promise<Done> {
  const tasks = leaveOutBelow(replica, listTasks(replica, ids)).filter(isLive);
  return await writeTasks(replica, tasks, ({ id }) => [{ kind: "task", action: "trash", id }]);
}

/** Restore tasks, with the sub-tasks that were trashed with them. */
export async function restoreTasks(replica: Replica, ids: TaskIds): Promise<Done> {
  const tasks = listTasks(replica, ids).filter((task) => !isLive(task));
  return await writeTasks(replica, leaveOutBelow(replica, tasks), ({ id }) => [
    { kind: "task", action: "restore", id },
  ]);
}

/** Delete tasks and their sub-tasks for good. It cannot be undone, so ask before. */
export async function purgeTasks(replica: Replica, ids: TaskIds): Promise<Done> {
  const tasks = leaveOutBelow(replica, listTasks(replica, ids));
  return await writeTasks(replica, tasks, ({ id }) => [{ kind: "task", action: "purge", id }]);
}

function isLive(task: TaskRow): boolean {
  return task.deleted_at === null;
}

/** The tasks without those that are below another one of them: they follow it. */
function leaveOutBelow(replica: Replica, tasks: readonly TaskRow[]): TaskRow[] {
  const chosen = new Map(tasks.map((task) => [task.id, task]));
  return tasks.filter((task) => {
    const seen = new Set([task.id]);
    let above = task.parent;
    while (above !== null && !seen.has(above)) {
      // A sub-task that was trashed at another time does not follow.
      if (chosen.get(above)?.deleted_at === task.deleted_at) return false;
      seen.add(above);
      above = replica.task(above)?.parent ?? null;
    }
    return true;
  });
}
