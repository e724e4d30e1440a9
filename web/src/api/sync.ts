/** `GET /api/v1/changes`, with its rows in the shapes of the domain. */
import type {
  CategoryRow,
  MemberRow,
  OccurrenceRow,
  Priority,
  SavedFilterRow,
  TagRow,
  TaskRow,
} from "../domain/rows.ts";
import type { Http } from "./http.ts";
import type {
  Changes,
  SyncedCategory,
  SyncedFilter,
  SyncedMember,
  SyncedOccurrence,
  SyncedTag,
  SyncedTask,
  SyncedWorkspace,
} from "./schema.ts";

/** The kinds of rows that a page carries. */
export type Kind = "task" | "category" | "tag" | "filter" | "member" | "occurrence";

/** One page of changes. `next` is the token after it. */
export interface Page {
  readonly workspace: SyncedWorkspace | null;
  readonly tasks: readonly TaskRow[];
  readonly categories: readonly CategoryRow[];
  readonly tags: readonly TagRow[];
  readonly filters: readonly SavedFilterRow[];
  readonly members: readonly MemberRow[];
  readonly occurrences: readonly OccurrenceRow[];
  readonly removed: readonly { readonly kind: string; readonly id: string }[];
  readonly revision: number;
  readonly next: string;
  readonly hasMore: boolean;
  /** The number of tasks of the workspace, on the first page of a walk; null if not known. */
  readonly total: number | null;
}

export interface ChangesOptions {
  readonly workspace: string;
  readonly since: string | null;
  /** Seconds to wait for a change, at most 60. */
  readonly wait?: number;
  readonly signal?: AbortSignal | undefined;
}

const LIMIT = 1000;
const TIMEOUT_MS = 60_000;

/** Read the page of changes after a token; without a token, the first page of the workspace. */
export async function getChanges(http: Http, options: ChangesOptions): Promise<Page> {
  const wait = options.wait ?? 0;
  const { body } = await http.send<Changes>("GET", "/api/v1/changes", {
    query: { since: options.since ?? undefined, limit: LIMIT, wait: wait || undefined },
    workspace: options.workspace,
    signal: options.signal,
    timeout: TIMEOUT_MS + wait * 1000,
  });
  return {
    workspace: body.workspace,
    tasks: body.tasks.map(toTaskRow),
    categories: body.categories.map(toCategoryRow),
    tags: body.tags.map(toTagRow),
    filters: body.filters.map(toFilterRow),
    members: body.members.map(toMemberRow),
    occurrences: body.occurrences.map(toOccurrenceRow),
    removed: body.removed,
    revision: body.revision,
    next: body.next,
    hasMore: body.has_more,
    total: body.counts?.total ?? null,
  };
}

/** The row without the fields that follow from others. */
export function toTaskRow(task: SyncedTask): TaskRow {
  const { completed: _, ...row } = task;
  return {
    ...row,
    // For tasks that do not repeat, the server has no mode and no count.
    repeat_mode: task.repeat_mode ?? "schedule",
    repeat_gone: task.repeat_gone ?? 0,
    priority: task.priority as Priority,
  };
}

function toCategoryRow(row: SyncedCategory): CategoryRow {
  const { id, name, color, position, archived, revision, deleted_at } = row;
  return { id, name, color, position, archived, revision, deleted_at };
}

function toTagRow(row: SyncedTag): TagRow {
  const { id, name, color, revision, deleted_at } = row;
  return { id, name, color, revision, deleted_at };
}

function toFilterRow(row: SyncedFilter): SavedFilterRow {
  const { created_at: _, updated_at: __, ...rest } = row;
  return rest;
}

function toMemberRow(row: SyncedMember): MemberRow {
  return { id: row.id, name: row.name, role: row.role, revision: row.revision };
}

function toOccurrenceRow(row: SyncedOccurrence): OccurrenceRow {
  const { created_at: _, updated_at: __, ...rest } = row;
  return rest;
}
