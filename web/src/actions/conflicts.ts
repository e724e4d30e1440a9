/** Decisions about changes that could not be merged, and about notices of merges. */
import type { Entry, Refused } from "../replica/entry.ts";
import type { Change, Notice, Replica, TaskFields } from "../replica/replica.ts";

/** Take the other side's value of a short field that both sides changed. */
export async function takeTheirs(replica: Replica, notice: Notice): Promise<void> {
  const { kind, id, field, theirs } = notice;
  if (field !== "position") {
    await replica.write([{ kind, action: "update", id, set: { [field]: theirs } } as Change]);
  }
  replica.dismissNotice(notice.key);
}

/** Drop a refused change: the other side's state stays. */
export async function dropRefused(replica: Replica, refused: Refused): Promise<void> {
  await replica.dismissRefused(refused.key);
}

/**
 * Make a refused change on the present state: a text over that of the other side, a trashed task
 * restored first, a deleted object added again under a new id.
 *
 * @param edited values that the person wrote instead of both versions.
 * @returns false if too little is known of a deleted object to add it again: the change still waits.
 */
export async function applyRefused(
  replica: Replica,
  refused: Refused,
  edited: Partial<TaskFields> = {},
): Promise<boolean> {
  const changes = makeChanges(replica, refused, edited);
  if (changes === null) return false;
  await replica.write(changes);
  await replica.dismissRefused(refused.key);
  return true;
}

/** Whether a refused change can be made again. */
export function canApply({ reason, entry }: Refused): boolean {
  if (reason === "trashed" && entry.change.kind === "task") return true;
  if (reason !== "gone" && reason !== "trashed") return true;
  return getAgain(entry) !== null;
}

function makeChanges(
  replica: Replica,
  refused: Refused,
  edited: Partial<TaskFields>,
): readonly Change[] | null {
  const { change } = refused.entry;
  const wanted =
    "set" in change ? ({ ...change, set: { ...change.set, ...edited } } as Change) : change;
  if (refused.reason === "trashed" && change.kind === "task") {
    return [{ kind: "task", action: "restore", id: change.id }, wanted];
  }
  if (refused.reason !== "gone" && refused.reason !== "trashed") return [wanted];
  const set = getAgain(refused.entry);
  if (set === null) return null;
  const { kind } = change;
  return [{ kind, action: "create", id: replica.newId(), set: { ...set, ...edited } } as Change];
}

/** What a new object can have of a deleted one. */
const COPIED: Readonly<Record<Change["kind"], readonly string[]>> = {
  task: [
    "title",
    "description",
    "status",
    "priority",
    "due_date",
    "due_time_zone",
    "category_id",
    "tag_ids",
    "assignee",
  ],
  category: ["name", "color", "archived"],
  tag: ["name", "color"],
  filter: ["name", "filter", "sort", "group_by", "color", "shared"],
};
const REPEAT = ["repeat_rule", "repeat_mode", "repeat_except"];

/** The fields of a deleted object with those of the change; null if it would have no name. */
function getAgain({ change, lost }: Entry): Readonly<Record<string, unknown>> | null {
  const row = new Map<string, unknown>(Object.entries(lost ?? {}));
  const repeats = change.kind === "task" && row.get("repeat_rule") != null;
  const fields = repeats ? [...COPIED.task, ...REPEAT] : COPIED[change.kind];
  const copied = fields.filter((field) => row.has(field)).map((field) => [field, row.get(field)]);
  const all = { ...Object.fromEntries(copied), ...("set" in change ? change.set : {}) };
  const needed = change.kind === "task" ? "title" : "name";
  return needed in all && (change.kind !== "filter" || "filter" in all) ? all : null;
}
