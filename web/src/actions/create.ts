/** Creating tasks, for example from what quick add has read. */
import type { Priority } from "../domain/rows.ts";
import type { Change, Place, Replica, TaskFields } from "../replica/replica.ts";
import type { Done } from "./action.ts";

/** A new task as quick add reads it: categories, tags and members by name. */
export interface NewTask {
  readonly title: string;
  readonly description?: string;
  readonly due_date?: string | null;
  readonly priority?: number | null;
  readonly category?: string | null;
  readonly tags?: readonly string[];
  /** `me`, or the name or e-mail address of a member. */
  readonly assignee?: string | null;
  /** The number of the parent task. */
  readonly parent?: number | null;
  readonly repeat_rule?: string | null;
  readonly repeat_mode?: "completion" | null;
  /** Indexes into the list of new tasks: this one becomes a sub-task of that one. */
  readonly below?: number | null;
}

/** What the page adds to a new task: its category, tag, day, status or place. */
export interface NewTaskDefaults {
  readonly fields?: Partial<TaskFields>;
  readonly place?: Place;
}

/** What was created: the ids in the order of the list. */
export interface Created extends Done {
  readonly ids: readonly string[];
}

/**
 * Create tasks. Categories and tags that do not exist are created first.
 *
 * Names are compared without regard to case. A member or parent that does not exist is left out.
 */
export async function createTasks(
  replica: Replica,
  tasks: readonly NewTask[],
  defaults: NewTaskDefaults = {},
): Promise<Created> {
  const ids = tasks.map(() => replica.newId());
  const labels = new Labels(replica);
  const creates = tasks.map((task, index): Change => {
    const id = ids[index] ?? replica.newId();
    const set = toFields(replica, labels, task, defaults, ids[task.below ?? -1] ?? null);
    const place = index === 0 ? defaults.place : placeAfter(defaults.place, ids[index - 1]);
    return { kind: "task", action: "create", id, set, ...(place && { place }) };
  });
  if (creates.length === 0) return { count: 0, title: null, group: null, ids };
  const group = await replica.write([...labels.changes, ...creates]);
  const title = tasks.length === 1 ? (tasks[0]?.title ?? null) : null;
  return { count: tasks.length, title, group, ids };
}

function placeAfter(place: Place | undefined, previous: string | undefined): Place | undefined {
  return place === undefined || previous === undefined ? place : { after: previous };
}

function toFields(
  replica: Replica,
  labels: Labels,
  task: NewTask,
  defaults: NewTaskDefaults,
  below: string | null,
): Partial<TaskFields> & { title: string } {
  const tags = (task.tags ?? []).map((name) => labels.get("tag", name));
  const parent = below ?? findParent(replica, task.parent);
  const assignee = findMember(replica, task.assignee);
  const own: Partial<TaskFields> = {
    ...(task.description && { description: task.description }),
    ...(task.due_date && { due_date: task.due_date }),
    ...(task.priority && { priority: task.priority as Priority }),
    ...(task.category && { category_id: labels.get("category", task.category) }),
    ...(task.repeat_rule && { repeat_rule: task.repeat_rule }),
    ...(task.repeat_mode && { repeat_mode: task.repeat_mode }),
    ...(parent && { parent }),
    ...(assignee && { assignee }),
  };
  const tag_ids = [...new Set([...(defaults.fields?.tag_ids ?? []), ...tags])];
  return {
    ...defaults.fields,
    ...own,
    ...(tag_ids.length > 0 && { tag_ids }),
    title: task.title,
  };
}

function findParent(replica: Replica, number: number | null | undefined): string | null {
  return number == null ? null : (replica.findByNumber(number) ?? null);
}

function findMember(replica: Replica, name: string | null | undefined): string | null {
  if (name == null) return null;
  const wanted = name.toLowerCase();
  if (wanted === "me" || wanted === replica.person.email.toLowerCase()) return replica.person.id;
  return replica.members.peek().find((member) => member.name.toLowerCase() === wanted)?.id ?? null;
}

/** Finds labels by name and creates those that are missing, each once. */
class Labels {
  readonly changes: Change[] = [];
  readonly #replica: Replica;
  readonly #made = new Map<string, string>();

  constructor(replica: Replica) {
    this.#replica = replica;
  }

  get(kind: "category" | "tag", name: string): string {
    const key = name.toLowerCase();
    const rows = kind === "tag" ? this.#replica.tags.peek() : this.#replica.categories.peek();
    const known = rows.find((row) => row.name.toLowerCase() === key)?.id;
    const found = known ?? this.#made.get(`${kind}:${key}`);
    if (found !== undefined) return found;
    const id = this.#replica.newId();
    this.#made.set(`${kind}:${key}`, id);
    this.changes.push({ kind, action: "create", id, set: { name } });
    return id;
  }
}
