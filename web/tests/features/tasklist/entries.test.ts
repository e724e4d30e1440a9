import { expect, it } from "vitest";
import { nestTasks } from "../../../src/features/tasklist/entries.ts";
import { makeTask } from "../../example/replica.ts";

const ROWS = [
  makeTask({ id: "child", parent: "parent" }),
  makeTask({ id: "parent" }),
  makeTask({ id: "grandchild", parent: "child" }),
  makeTask({ id: "other" }),
];

it("puts sub-tasks below their parent", () => {
  const lines = nestTasks(ROWS, new Set()).map(({ id, level }) => [id, level]);
  expect(lines).toEqual([
    ["parent", 1],
    ["child", 2],
    ["grandchild", 2],
    ["other", 1],
  ]);
});

it("hides the sub-tasks of a folded task", () => {
  const lines = nestTasks(ROWS, new Set(["parent"])).map(({ id, fold }) => [id, fold]);
  expect(lines).toEqual([
    ["parent", "closed"],
    ["other", undefined],
  ]);
});

it("shows a sub-task alone if its parent is not in the list", () => {
  const [line] = nestTasks([makeTask({ id: "child", parent: "elsewhere" })], new Set());
  expect(line).toMatchObject({ id: "child", level: 1 });
});
