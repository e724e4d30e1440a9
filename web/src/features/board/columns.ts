/** The columns of a board and the ways of cards through them. All functions are pure. */
import { compareByPosition } from "../../domain/order.ts";
import type { Priority, Status, TaskRow } from "../../domain/rows.ts";
import type { Place, TaskFields } from "../../replica/replica.ts";
import { compareText } from "../tasklist/entries.ts";

/** The field whose values are the columns. */
export type Grouping = "assignee" | "category" | "priority" | "status";

/** What the pages offer; the first one is used until the person chooses. */
export const GROUPINGS = ["status", "category", "priority", "assignee"] as const;

export interface Column {
  /** A status, a priority, or the id of a category or a member; `none` for none. */
  readonly key: string;
  readonly rows: readonly TaskRow[];
}

/** Where cards go: into a column, and to a place in it. */
export interface Drop {
  readonly column: string;
  /** Null leaves the cards where they are in the manual order. */
  readonly place: Place | null;
}

export const STATUSES: readonly Status[] = ["todo", "in_progress", "done", "cancelled"];
export const PRIORITIES: readonly Priority[] = [1, 2, 3, 4, 5];

/** The column of a task. */
export function getColumn(row: TaskRow, grouping: Grouping): string {
  switch (grouping) {
    case "assignee":
      return row.assignee ?? "none";
    case "category":
      return row.category_id ?? "none";
    case "priority":
      return String(row.priority);
    case "status":
      return row.status;
  }
}

/** The fields that a task has in a column. */
export function getFields(grouping: Grouping, column: string): Partial<TaskFields> {
  switch (grouping) {
    case "assignee":
      return { assignee: column === "none" ? null : column };
    case "category":
      return { category_id: column === "none" ? null : column };
    case "priority":
      return { priority: PRIORITIES.find((each) => String(each) === column) ?? 3 };
    case "status":
      return { status: STATUSES.find((each) => each === column) ?? "todo" };
  }
}

/**
 * Sort tasks into columns. Cards are in manual order; in the columns of closed tasks, the one that
 * was closed last is first. A sub-task is no card of its own in the column of its parent.
 *
 * @param keys the columns. Tasks of other columns are left out.
 */
export function makeColumns(
  rows: readonly TaskRow[],
  grouping: Grouping,
  keys: readonly string[],
): readonly Column[] {
  const columnOf = new Map(rows.map((row) => [row.id, getColumn(row, grouping)]));
  const columns = new Map<string, TaskRow[]>(keys.map((key) => [key, []]));
  for (const row of rows) {
    const key = columnOf.get(row.id) ?? "none";
    if (row.parent !== null && columnOf.get(row.parent) === key) continue;
    columns.get(key)?.push(row);
  }
  return [...columns].map(([key, cards]) => ({
    key,
    rows: cards.sort(isClosedColumn(grouping, key) ? compareByEnd : compareByPosition),
  }));
}

/** Whether a column has closed tasks, which have no manual order. */
export function isClosedColumn(grouping: Grouping, key: string): boolean {
  return grouping === "status" && (key === "done" || key === "cancelled");
}

function compareByEnd(one: TaskRow, other: TaskRow): number {
  const [end, otherEnd] = [one, other].map((row) => row.completed_at ?? row.updated_at);
  return compareText(otherEnd ?? "", end ?? "") || compareByPosition(one, other);
}

/** Where a card is: the index of its column, and its own in it. */
export function findCard(
  columns: readonly Column[],
  id: string,
): { readonly column: number; readonly index: number } | null {
  for (const [column, { rows }] of columns.entries()) {
    const index = rows.findIndex((row) => row.id === id);
    if (index >= 0) return { column, index };
  }
  return null;
}

export type Direction = "down" | "left" | "right" | "up";

/** The card to which an arrow key leads; columns without cards are skipped. Null: none. */
export function findNextCard(
  columns: readonly Column[],
  id: string,
  direction: Direction,
): string | null {
  const at = findCard(columns, id);
  if (at === null) return null;
  const { column, index } = at;
  if (direction === "up" || direction === "down") {
    const step = direction === "up" ? -1 : 1;
    return columns[column]?.rows[index + step]?.id ?? null;
  }
  const others =
    direction === "left" ? columns.slice(0, column).reverse() : columns.slice(column + 1);
  const rows = others.find((each) => each.rows.length > 0)?.rows ?? [];
  return rows[Math.min(index, rows.length - 1)]?.id ?? null;
}

/** Where an arrow key with Alt carries a card. Null: nowhere. */
export function findCarry(
  columns: readonly Column[],
  grouping: Grouping,
  id: string,
  direction: Direction,
): Drop | null {
  const at = findCard(columns, id);
  if (at === null) return null;
  const { column, index } = at;
  if (direction === "left" || direction === "right") {
    const target = columns[column + (direction === "left" ? -1 : 1)];
    return target ? findDrop(target, grouping, index, new Set([id])) : null;
  }
  const own = columns[column];
  const neighbour = own?.rows[index + (direction === "up" ? -1 : 1)];
  if (!own || !neighbour || isClosedColumn(grouping, own.key)) return null;
  const place = direction === "up" ? { before: neighbour.id } : { after: neighbour.id };
  return { column: own.key, place };
}

/**
 * Where cards go that are dropped before the card at an index of a column, or at its end.
 *
 * @param moved the ids of the cards.
 */
export function findDrop(
  { key, rows }: Column,
  grouping: Grouping,
  index: number,
  moved: ReadonlySet<string>,
): Drop {
  if (isClosedColumn(grouping, key)) return { column: key, place: null };
  const next = rows.slice(index).find((row) => !moved.has(row.id));
  const last = rows.slice(0, index).findLast((row) => !moved.has(row.id));
  const place = next ? { before: next.id } : last ? { after: last.id } : null;
  return { column: key, place };
}
