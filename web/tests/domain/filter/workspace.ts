/** The workspace of `tests/data/filter-tasks.jsonl`: rows of all kinds, and a filter context. */
import { makeNow } from "../../../src/domain/due.ts";
import type { FilterContext, FilterMember } from "../../../src/domain/filter/context.ts";
import type { TaskRow } from "../../../src/domain/rows.ts";
import { readVectors } from "../../vectors.ts";
import { makeTask } from "../tasks.ts";

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

function listNamed(ids: Record<string, string>) {
  return Object.entries(ids).map(([name, id]) => ({ id, name, deleted_at: null }));
}

function makeRow(line: Line): TaskRow {
  const { category, tags, completions: _, ...fields } = line;
  const category_id = category === null ? null : (WORKSPACE?.categories[category] ?? null);
  const tag_ids = tags.map((name) => WORKSPACE?.tags[name] ?? "");
  return makeTask({ ...fields, category_id, tag_ids });
}

/** The rows of the workspace, live and trashed. */
export const ROWS: readonly TaskRow[] = LINES.map(makeRow);

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
