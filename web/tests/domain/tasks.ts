/** Rows for tests. */
import type { TaskRow } from "../../src/domain/rows.ts";

/** Return a task with the given fields. The others have the values of a new task. */
export function makeTask(fields: Partial<TaskRow> = {}): TaskRow {
  return {
    ...{ id: "01936500-0000-7000-8000-000000000001", number: 1, title: "Buy milk" },
    ...{ description: "", status: "todo", priority: 3, due_date: null, due_time_zone: null },
    ...{ repeat_rule: null, repeat_mode: "schedule", repeat_except: [], repeat_start: null },
    ...{ repeat_at: null, repeat_gone: 0, category_id: null, tag_ids: [], parent: null },
    ...{ assignee: null, position: "a0", revision: 1, completed_at: null, deleted_at: null },
    ...{ created_at: "2026-11-25T09:00:00.000000Z", updated_at: "2026-11-25T09:00:00.000000Z" },
    ...fields,
  };
}
