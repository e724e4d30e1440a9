/** The workspace of `tests/data/filter-tasks.jsonl`: rows of all kinds, and a filter context. */
import { makeNow } from "../../../src/domain/due.ts";
import type { FilterContext, FilterMember } from "../../../src/domain/filter/context.ts";
import type { TaskRow } from "../../../src/domain/rows.ts";
import { readVectors } from "../../vectors.ts";

interface Workspace {
  now: string;
  me: string;
  members: FilterMember[];
  categories: Record<string, string>;
  tags: Record<string, string>;
}

interface Line extends Omit<TaskRow, "category_id" | "tag_ids"> {
  number: number;
  category: string | null;
  tags: string[];
  completions: string[];
}

const [WORKSPACE, ...LINES] = readVectors<Workspace & Line>("filter-tasks.jsonl");

/** Return a row with default values. */
export function makeRow(fields: Partial<TaskRow>): TaskRow {
  return {
    ...{ id: "01a1fbe6-20bc-7000-8e52-ea79cce82543", number: 1, title: "Buy milk" },
    ...{ description: "", status: "todo", priority: 3, due_date: null, due_time_zone: null },
    ...{ repeat_rule: null, repeat_mode: "schedule", repeat_except: [], repeat_start: null },
    ...{ repeat_at: null, repeat_gone: 0, category_id: null, tag_ids: [], parent: null },
    ...{ assignee: null, position: "a0", revision: 1, created_at: "2026-06-01T00:00:00Z" },
    ...{ updated_at: "2026-06-01T00:00:00Z", completed_at: null, deleted_at: null },
    ...fields,
  };
}

function listNamed(ids: Record<string, string>) {
  return Object.entries(ids).map(([name, id]) => ({ id, name, deleted_at: null }));
}

function makeTask(line: Line): TaskRow {
  const { category, tags, completions: _, ...fields } = line;
  const category_id = category === null ? null : (WORKSPACE?.categories[category] ?? null);
  const tag_ids = tags.map((name) => WORKSPACE?.tags[name] ?? "");
  return makeRow({ ...fields, category_id, tag_ids });
}

/** The rows of the workspace, live and trashed. */
export const ROWS: readonly TaskRow[] = LINES.map(makeTask);

/** Return the context of a person in a time zone, at the time of the vectors. */
export function makeContext(zone: string): FilterContext {
  const { now, me, members, categories, tags } = WORKSPACE!;
  const parents = new Set(ROWS.filter((row) => row.deleted_at === null).map((row) => row.parent));
  const completions = new Map(LINES.map((line) => [line.id, line.completions]));
  return {
    now: makeNow(Date.parse(now), zone),
    firstWeekday: 0,
    me,
    members,
    categories: listNamed(categories),
    tags: listNamed(tags),
    findByNumber: (number) => ROWS.find((row) => row.number === number)?.id,
    hasTask: (id) => ROWS.some((row) => row.id === id),
    hasSubtasks: (id) => parents.has(id),
    listCompletions: (id) => completions.get(id) ?? [],
  };
}
