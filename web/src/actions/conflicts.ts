/** Decisions about changes that could not be merged, and about notices of merges. */
import type { TaskRow } from "../domain/rows.ts";
import type { Refused } from "../replica/entry.ts";
import type { Change, Notice, Replica, TaskFields } from "../replica/replica.ts";

/** Take the other side's value of a short field that both sides changed. */
export async function takeTheirs(replica: Replica, notice: Notice): Promise<void> {
  replica.dismissNotice(notice.key);
  if (notice.field === "position") return;
  const { kind, id } = notice;
  const set = { [notice.field]: notice.theirs };
  await replica.write([{ kind, action: "update", id, set } as Change]);
}

/** Drop a refused change: the other side's state stays. */
export async function dropRefused(replica: Replica, refused: Refused): Promise<void> {
  await replica.dismissRefused(refused.key);
}

/**
 * Make a refused change on the present state: a text over that of the other side, a trashed task
 * restored first, a deleted one added again under a new id.
 *
 * @param edited values that the person wrote instead of both versions.
 */
export async function applyRefused(
  replica: Replica,
  refused: Refused,
  edited: Partial<TaskFields> = {},
): Promise<void> {
  const changes = makeChanges(replica, refused, edited);
  if (changes.length > 0) await replica.write(changes);
  await replica.dismissRefused(refused.key);
}

function makeChanges(
  replica: Replica,
  refused: Refused,
  edited: Partial<TaskFields>,
): readonly Change[] {
  const { change, lost } = refused.entry;
  const wanted =
    "set" in change ? ({ ...change, set: { ...change.set, ...edited } } as Change) : change;
  if (refused.reason === "trashed" && change.kind === "task") {
    return [{ kind: "task", action: "restore", id: change.id }, wanted];
  }
  if (refused.reason === "gone") {
    if (change.kind !== "task" || lost === undefined) return [];
    const set = "set" in wanted ? wanted.set : {};
    return [
      { kind: "task", action: "create", id: replica.newId(), set: { ...copy(lost), ...set } },
    ];
  }
  return [wanted];
}

/** The fields of a deleted task that a new one can have. */
function copy(lost: TaskRow): Partial<TaskFields> & { title: string } {
  const { title, description, status, priority, due_date, due_time_zone } = lost;
  const { repeat_rule, repeat_mode, repeat_except, category_id, tag_ids, assignee } = lost;
  const repeat = repeat_rule === null ? {} : { repeat_rule, repeat_mode, repeat_except };
  const due = { due_date, due_time_zone };
  return {
    title,
    description,
    status,
    priority,
    ...due,
    ...repeat,
    category_id,
    tag_ids,
    assignee,
  };
}
