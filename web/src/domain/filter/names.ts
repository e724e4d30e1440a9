/** Names in filters: the ids they stand for, and warnings. The port of `filter_names.py`. */
import { makeNameKey } from "../names.ts";
import { splitWords } from "../text.ts";
import type { FilterContext } from "./context.ts";
import { listConditions, type NameCondition, type NameField, type Node } from "./nodes.ts";

/** A name in a filter that does not exist, or a text to search for without words. */
export interface FilterWarning {
  readonly code:
    | "unknown_category"
    | "unknown_tag"
    | "unknown_assignee"
    | "unknown_parent"
    | "no_words";
  /** The name or the text, without quotation marks. */
  readonly name: string;
  /** The position of the condition, as indexes of the string. */
  readonly start: number;
  readonly end: number;
}

/** Finds the ids of names in a workspace. Made once per filter. */
export type FindIds = (field: NameField, value: string) => readonly string[];

const TASK_NUMBER = /^[1-9][0-9]{0,17}$/;
const UUID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/;

/** Return a function that finds the categories, tags, members and tasks with a name. */
export function makeFindIds(context: FilterContext): FindIds {
  const { categories, tags, members } = context;
  const live = tags.filter((tag) => tag.deleted_at === null);
  const list = (rows: readonly { id: string; name: string }[], key: string) =>
    rows.filter((row) => makeNameKey(row.name) === key).map((row) => row.id);
  return (field, value) => {
    const [id, key] = [findId(value), makeNameKey(value)];
    switch (field) {
      case "category":
        return [
          ...categories.filter((row) => row.id === id).map((row) => row.id),
          ...list(categories, key),
        ];
      case "tag":
        return list(live, key);
      case "assignee": {
        if (id !== null) return members.filter((row) => row.id === id).map((row) => row.id);
        const hasAddress = members.filter(
          ({ email }) => email !== undefined && makeNameKey(email) === key,
        );
        return [...list(members, key), ...hasAddress.map((row) => row.id)];
      }
      case "parent": {
        if (id !== null) return context.hasTask(id) ? [id] : [];
        const parent = TASK_NUMBER.test(value) ? context.findByNumber(Number(value)) : undefined;
        return parent === undefined ? [] : [parent];
      }
      case "status":
        return [value];
    }
  };
}

/** Return the ids that a condition stands for. */
export function listIds(condition: NameCondition, context: FilterContext, find: FindIds): string[] {
  const ids = condition.values.flatMap((value) => [
    ...find(condition.field, value),
    // The id of a former member is not in the list of members, but still in tasks.
    ...(condition.field === "assignee" ? [findId(value) ?? ""] : []),
  ]);
  return condition.includesMe ? [context.me, ...ids] : ids;
}

/** Return the names in a filter that do not exist, and the texts without words, in its order. */
export function listWarnings(node: Node, context: FilterContext): FilterWarning[] {
  const find = makeFindIds(context);
  const warnings: FilterWarning[] = [];
  for (const condition of listConditions(node)) {
    const { start, end } = condition;
    if (condition.type === "text" && splitWords(condition.text).length === 0) {
      warnings.push({ code: "no_words", name: condition.text, start, end });
    }
    if (condition.type !== "name" || condition.field === "status") continue;
    for (const name of condition.values) {
      if (find(condition.field, name).length > 0) continue;
      warnings.push({ code: `unknown_${condition.field}`, name, start, end });
    }
  }
  return warnings;
}

/** Return the canonical form of a UUID, which may be in upper case or without hyphens. */
function findId(text: string): string | null {
  return UUID.exec(text.toLowerCase())?.slice(1).join("-") ?? null;
}
