import { expect, it } from "vitest";
import { listTrashed } from "../../../src/features/trash/trashed.ts";
import { makeTask } from "../../example/replica.ts";

const [MONDAY, TUESDAY] = ["2026-11-23T08:00:00Z", "2026-11-24T08:00:00Z"];
const ROWS = [
  makeTask({ id: "old", title: "Old letter", deleted_at: MONDAY, category_id: "home" }),
  makeTask({ id: "parent", title: "Plan the kitchen", deleted_at: TUESDAY, position: "a" }),
  makeTask({ id: "child", title: "Measure", parent: "parent", deleted_at: TUESDAY }),
  makeTask({ id: "below", title: "Find a ruler", parent: "child", deleted_at: TUESDAY }),
  makeTask({ id: "earlier", title: "Paint", parent: "parent", deleted_at: MONDAY, position: "b" }),
];
const NAMES = [{ id: "home", name: "Household" }];

function list(text = "") {
  return listTrashed(ROWS, text, NAMES).map(({ row, below }) => [row.id, below]);
}

it("shows what was deleted last first", () => {
  expect(list().map(([id]) => id)).toEqual(["parent", "earlier", "old"]);
});

it("counts the sub-tasks that were deleted with a task", () => {
  expect(list()[0]).toEqual(["parent", 2]);
});

it("shows a sub-task that was deleted before its parent", () => {
  expect(list()).toContainEqual(["earlier", 0]);
});

it("finds sub-tasks that were deleted with their parent", () => {
  expect(list("ruler")).toEqual([["below", 0]]);
});

it("finds tasks by the name of their category", () => {
  expect(list("househ")).toEqual([["old", 0]]);
});

it("finds nothing for an unknown word", () => {
  expect(list("moon")).toEqual([]);
});

it("ends for tasks that are below each other", () => {
  const rows = [
    makeTask({ id: "a", parent: "b", deleted_at: MONDAY }),
    makeTask({ id: "b", parent: "a", deleted_at: MONDAY }),
  ];
  expect(listTrashed(rows, "a", [])).toHaveLength(1);
});
