/** Changing the fields of tasks. */
import { moveDueToDay } from "../domain/dueChanges.ts";
import type { Priority, Status, TaskRow } from "../domain/rows.ts";
import type { EditBase, Replica, TaskFields } from "../replica/replica.ts";
import { type Done, isEqual, listTasks, type TaskIds, writeTasks } from "./action.ts";

/**
 * Set fields. Tasks that already have the values stay as they are.
 *
 * @param base what the person saw when the edit began, if that was earlier.
 */
export async function editTasks(
  replica: Replica,
  ids: TaskIds,
  fields: Partial<TaskFields>,
  base?: EditBase,
): Promise<Done> {
  return await setFields(replica, ids, () => fields, base);
}

/** Set the due day and keep the time of day; null removes the due date. */
export async function setDueDay(replica: Replica, ids: TaskIds, day: string | null): Promise<Done> {
  return await setFields(replica, ids, (task) => {
    if (day !== null) return { due_date: moveDueToDay(task, day, replica.person.time_zone) };
    // A task without a due date cannot repeat.
    return { due_date: null, due_time_zone: null, repeat_rule: null };
  });
}

/** Set the priority, 1 is the highest. */
export async function setPriority(
  replica: Replica,
  ids: TaskIds,
  priority: Priority,
): Promise<Done> {
  return await setFields(replica, ids, () => ({ priority }));
}

/** Set the status, without regard to repeating: see {@link completeTasks}. */
export async function setStatus(replica: Replica, ids: TaskIds, status: Status): Promise<Done> {
  return await setFields(replica, ids, () => ({ status }));
}

/** File tasks under a category, or under none. */
export async function setCategory(
  replica: Replica,
  ids: TaskIds,
  category: string | null,
): Promise<Done> {
  return await setFields(replica, ids, () => ({ category_id: category }));
}

/** Add tags to tasks and remove tags from them. */
export async function changeTags(
  replica: Replica,
  ids: TaskIds,
  tags: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
): Promise<Done> {
  const { add = [], remove = [] } = tags;
  return await setFields(replica, ids, ({ tag_ids }) => {
    const kept = tag_ids.filter((id) => !remove.includes(id));
    return { tag_ids: [...kept, ...add.filter((id) => !kept.includes(id))] };
  });
}

/** Assign tasks to a member, or to nobody. */
export async function assignTasks(
  replica: Replica,
  ids: TaskIds,
  member: string | null,
): Promise<Done> {
  return await setFields(replica, ids, () => ({ assignee: member }));
}

async function setFields(
  replica: Replica,
  ids: TaskIds,
  getFields: (task: TaskRow) => Partial<TaskFields>,
  base?: EditBase,
): Promise<Done> {
  return await writeTasks(replica, listTasks(replica, ids), (task) => {
    const now = new Map<string, unknown>(Object.entries(task));
    const changed = Object.entries(getFields(task)).filter(
      ([name, value]) => !isEqual(now.get(name), value),
    );
    if (changed.length === 0) return [];
    const set = Object.fromEntries(changed);
    return [{ kind: "task", action: "update", id: task.id, set, ...(base && { base }) }];
  });
}
