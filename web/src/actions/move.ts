/** Changing the manual order and the tree of tasks. */
import type { TaskRow } from "../domain/rows.ts";
import type { Change, Place, Replica, TaskFields } from "../replica/replica.ts";
import { type Done, isEqual, listTasks, type TaskIds, writeTasks } from "./action.ts";

/** Move tasks to a place. They keep their order among each other. */
export async function moveTasks(replica: Replica, ids: TaskIds, place: Place): Promise<Done> {
  const moved = new Set(ids);
  if ("before" in place && moved.has(place.before)) return NOTHING;
  if ("after" in place && moved.has(place.after)) return NOTHING;
  const tasks = listTasks(replica, ids);
  return await writeTasks(replica, tasks, (task) => {
    const previous = tasks[tasks.indexOf(task) - 1];
    const next: Place = previous === undefined ? place : { after: previous.id };
    return [{ kind: "task", action: "move", id: task.id, place: next }];
  });
}

/**
 * Put tasks into a column or below a parent, and at a place, as one change. A task that would be
 * below itself stays as it is.
 *
 * @param getFields the fields that a task gets.
 * @param place null leaves them where they are in the manual order.
 */
export async function placeTasks(
  replica: Replica,
  ids: TaskIds,
  getFields: (task: TaskRow) => Partial<TaskFields>,
  place: Place | null,
): Promise<Done> {
  const tasks = listTasks(replica, ids);
  return await writeTasks(replica, tasks, (task): Change[] => {
    const set = getFields(task);
    if (set.parent && listAncestors(replica, set.parent).includes(task.id)) return [];
    const now = new Map<string, unknown>(Object.entries(task));
    const changed = Object.entries(set).filter(([name, value]) => !isEqual(now.get(name), value));
    const previous = tasks[tasks.indexOf(task) - 1];
    const at: Place | null = place && previous ? { after: previous.id } : place;
    return [
      ...(changed.length > 0
        ? [
            {
              kind: "task",
              action: "update",
              id: task.id,
              set: Object.fromEntries(changed),
            } as const,
          ]
        : []),
      ...(at ? [{ kind: "task", action: "move", id: task.id, place: at } as const] : []),
    ];
  });
}

const NOTHING: Done = { count: 0, title: null, group: null };

/**
 * Move a task one step up or down among its siblings in a list.
 *
 * @param shown the ids of the list, in the order that the person sees.
 */
export async function reorderTask(
  replica: Replica,
  id: string,
  step: -1 | 1,
  shown: readonly string[],
): Promise<Done> {
  const siblings = listSiblings(replica, id, shown);
  const at = siblings.indexOf(id);
  const neighbour = siblings[at + step];
  if (at < 0 || neighbour === undefined) return NOTHING;
  return await moveTasks(replica, [id], step < 0 ? { before: neighbour } : { after: neighbour });
}

/** The tasks of a list below the same parent, or those whose parent is not in the list. */
function listSiblings(replica: Replica, id: string, shown: readonly string[]): readonly string[] {
  const all = new Set(shown);
  const getParent = (task: string) => {
    const parent = replica.task(task)?.parent ?? null;
    return parent !== null && all.has(parent) ? parent : null;
  };
  const parent = getParent(id);
  return shown.filter((other) => getParent(other) === parent);
}

/** Make a task a sub-task of the one above it in a list. */
export async function indentTask(
  replica: Replica,
  id: string,
  shown: readonly string[],
): Promise<Done> {
  const task = replica.task(id);
  if (task === undefined) return NOTHING;
  const above = shown
    .slice(0, Math.max(0, shown.indexOf(id)))
    .map((other) => replica.task(other))
    .findLast((other) => other !== undefined && other.parent === task.parent);
  return above === undefined ? NOTHING : await setParent(replica, [id], above.id);
}

/** Raise a task by one level: it becomes a sibling of its parent, directly after it. */
export async function outdentTask(replica: Replica, id: string): Promise<Done> {
  const task = replica.task(id);
  const parent = task?.parent == null ? undefined : replica.task(task.parent);
  if (task === undefined || parent === undefined) return NOTHING;
  return await writeTasks(replica, [task], (): Change[] => [
    { kind: "task", action: "update", id, set: { parent: parent.parent } },
    { kind: "task", action: "move", id, place: { after: parent.id } },
  ]);
}

/** Make tasks sub-tasks of another task, or of none. A task cannot be below itself. */
export async function setParent(
  replica: Replica,
  ids: TaskIds,
  parent: string | null,
): Promise<Done> {
  const above = new Set(parent === null ? [] : listAncestors(replica, parent));
  const tasks = listTasks(replica, ids).filter((task) => !above.has(task.id));
  return await writeTasks(replica, tasks, (task): Change[] =>
    task.parent === parent
      ? []
      : [{ kind: "task", action: "update", id: task.id, set: { parent } }],
  );
}

/** A task and all tasks above it. */
function listAncestors(replica: Replica, id: string): string[] {
  const found: string[] = [];
  let task: TaskRow | undefined = replica.task(id);
  while (task !== undefined && !found.includes(task.id)) {
    found.push(task.id);
    task = task.parent === null ? undefined : replica.task(task.parent);
  }
  return found;
}
