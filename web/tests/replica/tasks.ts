/** Rows for tests. */
import type { TaskRow } from "../../src/domain/rows.ts";

/** A task with an id and usual values. */
export function makeTask(id: string, values: Partial<TaskRow> = {}): TaskRow {
  return {
    id,
    number: 1,
    title: id,
    description: "",
    status: "todo",
    priority: 3,
    due_date: null,
    due_time_zone: null,
    repeat_rule: null,
    repeat_mode: "schedule",
    repeat_except: [],
    repeat_start: null,
    repeat_at: null,
    repeat_gone: 0,
    category_id: null,
    tag_ids: [],
    parent: null,
    assignee: null,
    position: "a0",
    revision: 1,
    created_at: "2026-11-01T00:00:00Z",
    updated_at: "2026-11-01T00:00:00Z",
    completed_at: null,
    deleted_at: null,
    ...values,
  };
}
