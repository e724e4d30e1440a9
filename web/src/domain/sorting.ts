/**
 * Sort orders of task lists: the port of `domain/sorting.py`, and the comparison of rows as the
 * server sorts them. Tasks without a due date or a completion are last, in both directions.
 */
import { compareDue, getDue } from "./due.ts";
import { compareText, makeSortKey } from "./names.ts";
import type { TaskRow } from "./rows.ts";

const SORT_NAMES = [
  ...(["created_at", "updated_at", "due_date", "priority", "title", "position"] as const),
  ...(["completed_at", "number", "relevance"] as const),
];

/** `relevance` is the order of a search. Rows do not have it, so it compares all rows as equal. */
export type SortName = (typeof SORT_NAMES)[number];

export interface SortKey {
  readonly name: SortName;
  readonly isDescending: boolean;
}

/** Compares two rows: negative if the first is earlier in the list. */
export type CompareTasks = (one: TaskRow, other: TaskRow) => number;

/** The most keys of a sort order. */
export const MAX_SORT_KEYS = 5;

/** Keys of titles are made once for each row: a changed task is another row. */
const titles = new WeakMap<TaskRow, string>();

/**
 * Parse a sort order, for example `-priority,due_date,title`; null if a key is unknown or repeated,
 * or there are too many.
 */
export function parseSort(text: string): SortKey[] | null {
  const keys: SortKey[] = [];
  for (const part of text.split(",")) {
    const trimmed = part.trim();
    const isDescending = trimmed.startsWith("-");
    const name = findSortName(isDescending ? trimmed.slice(1) : trimmed);
    if (name === null || keys.some((key) => key.name === name)) return null;
    keys.push({ name, isDescending });
  }
  return keys.length > MAX_SORT_KEYS ? null : keys;
}

/** Return the comparison of a sort order. Rows that are equal in all keys are sorted by their id. */
export function makeComparison(sort: readonly SortKey[]): CompareTasks {
  const comparisons = sort.map(makeKeyComparison);
  return (one, other) => {
    for (const compare of comparisons) {
      const result = compare(one, other);
      if (result !== 0) return result;
    }
    return compareText(one.id, other.id);
  };
}

function findSortName(text: string): SortName | null {
  return SORT_NAMES.find((name) => name === text) ?? null;
}

function makeKeyComparison({ name, isDescending }: SortKey): CompareTasks {
  const sign = isDescending ? -1 : 1;
  switch (name) {
    case "created_at":
    case "updated_at":
      return (one, other) => sign * compareInstants(one[name], other[name]);
    case "completed_at":
      return compareNullable((row) => row.completed_at, compareInstants, sign);
    case "due_date":
      return compareNullable(getDue, compareDue, sign);
    case "number":
      return compareNullable(
        (row) => row.number,
        (one, other) => one - other,
        sign,
      );
    case "priority":
      return (one, other) => sign * (one.priority - other.priority);
    case "title":
      return (one, other) => sign * compareText(getTitleKey(one), getTitleKey(other));
    case "position":
      return (one, other) => sign * compareText(one.position, other.position);
    case "relevance":
      return () => 0;
  }
}

function compareNullable<Value>(
  read: (row: TaskRow) => Value | null,
  compare: (one: Value, other: Value) => number,
  sign: number,
): CompareTasks {
  return (one, other) => {
    const [left, right] = [read(one), read(other)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * compare(left, right);
  };
}

/** Compare two instants in UTC, whose fractions may have different lengths. */
function compareInstants(one: string, other: string): number {
  return compareText(one.replace("Z", ""), other.replace("Z", ""));
}

function getTitleKey(row: TaskRow): string {
  let key = titles.get(row);
  if (key === undefined) {
    key = makeSortKey(row.title);
    titles.set(row, key);
  }
  return key;
}
