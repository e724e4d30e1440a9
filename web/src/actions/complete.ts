/** Completing and reopening tasks, and skipping occurrences. */
import type { Change, Replica, Subtasks } from "../replica/replica.ts";
import { type Done, listTasks, type TaskIds, writeTasks } from "./action.ts";

/**
 * Complete tasks; of repeating tasks, the present occurrence. Done tasks stay as they are.
 *
 * @param subtasks what happens to open sub-tasks; without it, they stay open.
 */
export async function completeTasks(
  replica: Replica,
  ids: TaskIds,
  subtasks?: Subtasks,
): Promise<Done> {
  const open = listTasks(replica, ids).filter((task) => task.status !== "done");
  return await writeTasks(replica, open, (task): Change[] => {
    const choice = subtasks === undefined ? {} : { subtasks };
    const { id, repeat_rule, repeat_at } = task;
    if (repeat_rule !== null && repeat_at !== null) {
      return [{ kind: "task", action: "complete", id, occurrence: repeat_at, ...choice }];
    }
    return [{ kind: "task", action: "update", id, set: { status: "done" }, ...choice }];
  });
}

/** Make done and cancelled tasks open again. */
export async function reopenTasks(replica: Replica, ids: TaskIds): Promise<Done> {
  const closed = listTasks(replica, ids).filter(
    ({ status }) => status === "done" || status === "cancelled",
  );
  return await writeTasks(replica, closed, ({ id }) => [
    { kind: "task", action: "update", id, set: { status: "todo" } },
  ]);
}

/** Move repeating tasks to their next occurrence. Other tasks stay as they are. */
export async function skipOccurrences(replica: Replica, ids: TaskIds): Promise<Done> {
  return await writeTasks(replica, listTasks(replica, ids), ({ id, repeat_rule, repeat_at }) =>
    repeat_rule === null || repeat_at === null
      ? []
      : [{ kind: "task", action: "skip", id, occurrence: repeat_at }],
  );
}
