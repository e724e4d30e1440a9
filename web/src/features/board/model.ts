import { computed, type ReadonlySignal } from "@preact/signals";
import { completeTasks } from "../../actions/complete.ts";
import { placeTasks } from "../../actions/move.ts";
import type { TaskRow } from "../../domain/rows.ts";
import type { Replica } from "../../replica/replica.ts";
import { getRows } from "../rows.ts";
import { report } from "../tasklist/edits.ts";
import { isClosed, kept, release } from "../tasklist/kept.ts";
import {
  type Column,
  type Drop,
  type Grouping,
  getFields,
  makeColumns,
  PRIORITIES,
  STATUSES,
} from "./columns.ts";

/** The tasks of a board: all, or those of a category or a tag. */
export interface Scope {
  readonly index: "all" | "category" | "tag";
  /** The id; `none` for tasks without a category, empty for all. */
  readonly value: string;
}

/** The columns of a board. The signal changes with the tasks. */
export function watchColumns(
  replica: Replica,
  scope: Scope,
  grouping: Grouping,
): ReadonlySignal<readonly Column[]> {
  return computed(() => {
    const rows = getRows(replica, replica.bucket(scope.index, scope.value).value)
      .map((row) => showBefore(row))
      .filter((row) => grouping === "status" || !isClosed(row));
    const columns = makeColumns(rows, grouping, listKeys(replica, grouping));
    // Few people cancel tasks: the column appears with the first one.
    return columns.filter(
      ({ key, rows: cards }) => grouping !== "status" || key !== "cancelled" || cards.length > 0,
    );
  });
}

/** A task that was completed on this board stays in its column until the board is left. */
function showBefore(row: TaskRow): TaskRow {
  return kept.value.get(row.id)?.row ?? row;
}

function listKeys(replica: Replica, grouping: Grouping): readonly string[] {
  switch (grouping) {
    case "assignee":
      return ["none", ...replica.members.value.map(({ id }) => id)];
    case "category": {
      const shown = replica.categories.value.filter(({ archived }) => !archived);
      return ["none", ...shown.map(({ id }) => id)];
    }
    case "priority":
      return PRIORITIES.map(String);
    case "status":
      return STATUSES;
  }
}

/** Put cards into a column and to a place in it. In the column of done tasks, they are completed. */
export async function dropCards(
  replica: Replica,
  grouping: Grouping,
  ids: readonly string[],
  { column, place }: Drop,
): Promise<void> {
  release(ids);
  if (grouping === "status" && column === "done") {
    await report(replica, completeTasks(replica, ids), "done");
    return;
  }
  const fields = getFields(grouping, column);
  await report(
    replica,
    placeTasks(replica, ids, () => fields, place),
    "moved",
  );
}
