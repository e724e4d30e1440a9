import { expect, test } from "vitest";
import {
  type CompletionContext,
  type CompletionResult,
  completeTask,
  endOccurrence,
  skipTask,
} from "../../src/domain/complete.ts";
import type { TaskRow } from "../../src/domain/rows.ts";
import { makeTask } from "./tasks.ts";

const AT = "2026-11-26T11:00:00Z";
const DONE = { status: "done", completed_at: AT, updated_at: AT };
const REPEATING = makeTask({
  id: "gym",
  due_date: "2026-11-23",
  repeat_rule: "FREQ=WEEKLY",
  repeat_start: "2026-11-23",
  repeat_at: "2026-11-23",
});

function makeContext(rows: readonly TaskRow[]): CompletionContext {
  return {
    at: AT,
    zone: "Europe/Berlin",
    personId: "me",
    listChildren: (id) => rows.filter((row) => row.parent === id),
    makeId: () => "new",
  };
}

function sub(id: string, parent: string, fields: Partial<TaskRow> = {}): TaskRow {
  return makeTask({ id, parent, ...fields });
}

/** Return the changed fields by id. */
function list(result: CompletionResult): Record<string, unknown> {
  return Object.fromEntries(result.completion?.tasks ?? []);
}

test("a task is completed", () => {
  expect(list(completeTask(makeTask({ id: "a" }), "keep", makeContext([])))).toEqual({ a: DONE });
});

test("a done task does not change", () => {
  expect(list(completeTask(makeTask({ status: "done" }), "keep", makeContext([])))).toEqual({});
});

test("a task is not completed before it was created", () => {
  const task = makeTask({ id: "a", created_at: "2026-11-26T11:00:05Z" });
  expect(list(completeTask(task, "keep", makeContext([])))).toEqual({
    a: { ...DONE, completed_at: "2026-11-26T11:00:05Z" },
  });
});

test("a repeating task advances", () => {
  expect(list(completeTask(REPEATING, "keep", makeContext([])))).toEqual({
    gym: {
      ...{ status: "todo", completed_at: null, due_date: "2026-11-30", repeat_at: "2026-11-30" },
      ...{ repeat_gone: 1, updated_at: AT },
    },
  });
});

test("the ended occurrence is a row", () => {
  const { completion } = completeTask(REPEATING, "keep", makeContext([]));
  expect(completion?.occurrences).toEqual([
    {
      ...{ id: "new", task_id: "gym", occurrence: "2026-11-23", due_date: "2026-11-23" },
      ...{ due_time_zone: null, outcome: "done", ended_at: AT, ended_by: "me" },
      ...{ revision: 0, deleted_at: null },
    },
  ]);
});

test("the last occurrence completes the task", () => {
  const task = { ...REPEATING, repeat_rule: "FREQ=WEEKLY;COUNT=1" };
  expect(list(completeTask(task, "keep", makeContext([])))).toEqual({ gym: DONE });
});

test("a skipped occurrence is a row", () => {
  const { completion } = skipTask(REPEATING, makeContext([]));
  expect(completion?.occurrences.map((row) => row.outcome)).toEqual(["skipped"]);
});

test.each([[makeTask({})], [{ ...REPEATING, status: "done" as const }]])(
  "a task without an occurrence cannot be skipped",
  (task) => {
    expect(skipTask(task, makeContext([])).problem).toBe("not_repeating");
  },
);

test("a cancelled repeating task is completed without an occurrence", () => {
  const task = { ...REPEATING, status: "cancelled" as const };
  const { completion } = completeTask(task, "keep", makeContext([]));
  expect(completion?.occurrences).toEqual([]);
});

test("sub-tasks restart and move by the days of the occurrence", () => {
  const rows = [
    sub("done", "gym", { status: "done", completed_at: AT, due_date: "2026-11-22" }),
    sub("below", "done", { due_date: "2026-11-23T09:00:00" }),
    sub("undated", "gym"),
  ];
  const { gym: _, ...changed } = list(completeTask(REPEATING, "keep", makeContext(rows)));
  expect(changed).toEqual({
    done: { status: "todo", completed_at: null, due_date: "2026-11-29", updated_at: AT },
    below: { due_date: "2026-11-30T09:00:00", updated_at: AT },
  });
});

test("repeating, cancelled and trashed sub-tasks do not restart, nor those below", () => {
  const due_date = "2026-11-23";
  const rows = [
    sub("repeats", "gym", { due_date, repeat_rule: "FREQ=DAILY", status: "done" }),
    sub("below", "repeats", { due_date }),
    sub("cancelled", "gym", { due_date, status: "cancelled" }),
    sub("trashed", "gym", { due_date, deleted_at: AT }),
    sub("beneath", "trashed", { due_date }),
  ];
  const changed = list(completeTask(REPEATING, "keep", makeContext(rows)));
  expect(Object.keys(changed)).toEqual(["gym"]);
});

test("a due date that would be out of range stays", () => {
  const rows = [sub("late", "gym", { due_date: "9999-12-31" })];
  const changed = list(completeTask(REPEATING, "keep", makeContext(rows)));
  expect(Object.keys(changed)).toEqual(["gym"]);
});

test("open sub-tasks are completed on request", () => {
  const rows = [
    sub("b", "a"),
    sub("c", "b", { status: "done" }),
    sub("d", "c"),
    sub("e", "a", { status: "cancelled" }),
    sub("f", "a", { deleted_at: AT }),
  ];
  const changed = list(completeTask(makeTask({ id: "a" }), "complete", makeContext(rows)));
  expect(Object.keys(changed)).toEqual(["a", "b", "d"]);
});

test("a repeating sub-task that is completed advances, and what is below restarts", () => {
  const rows = [
    { ...REPEATING, parent: "a" },
    sub("below", "gym", { status: "done", completed_at: AT }),
  ];
  const changed = list(completeTask(makeTask({ id: "a" }), "complete", makeContext(rows)));
  expect(changed).toMatchObject({
    a: { status: "done" },
    gym: { status: "todo", due_date: "2026-11-30" },
    below: { status: "todo" },
  });
});

test("sub-tasks of a task that continues are not completed", () => {
  const changed = list(completeTask(REPEATING, "complete", makeContext([sub("b", "gym")])));
  expect(Object.keys(changed)).toEqual(["gym"]);
});

test("open sub-tasks refuse the completion on request", () => {
  const result = completeTask(makeTask({ id: "a" }), "refuse", makeContext([sub("b", "a")]));
  expect(result).toEqual({ completion: null, problem: "open_subtasks", openIds: ["b"] });
});

test("a rule that the app does not know is reported", () => {
  const task = { ...REPEATING, repeat_rule: "FREQ=HOURLY" };
  expect(completeTask(task, "keep", makeContext([])).problem).toBe("bad_rule");
});

test("the fields of an ended occurrence", () => {
  const fields = endOccurrence(REPEATING, "skipped", AT, "Europe/Berlin");
  expect(fields).toMatchObject({ due_date: "2026-11-30", repeat_gone: 1 });
});
