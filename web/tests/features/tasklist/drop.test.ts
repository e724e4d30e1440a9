import { expect, it } from "vitest";
import { findListDrop } from "../../../src/features/tasklist/drop.ts";
import { nestTasks } from "../../../src/features/tasklist/entries.ts";
import { makeTask } from "../../example/replica.ts";

const ROWS = [
  makeTask({ id: "a" }),
  makeTask({ id: "parent" }),
  makeTask({ id: "one", parent: "parent" }),
  makeTask({ id: "two", parent: "parent" }),
  makeTask({ id: "z" }),
];
const BY_ID = new Map(ROWS.map((row) => [row.id, row]));

function drop(id: string, edge: "after" | "before", moved: readonly string[], folded = false) {
  const entries = nestTasks(ROWS, new Set(folded ? ["parent"] : []));
  return findListDrop(entries, id, edge, new Set(moved), (task) => BY_ID.get(task));
}

it("puts a task before another one", () => {
  expect(drop("a", "before", ["z"])).toMatchObject({ parent: null, place: { before: "a" } });
});

it("makes a task a sub-task beside a sub-task", () => {
  expect(drop("one", "after", ["a"])).toMatchObject({
    parent: "parent",
    place: { after: "one" },
    isNested: true,
  });
});

it("makes a task the first sub-task below an unfolded task", () => {
  expect(drop("parent", "after", ["a"])).toMatchObject({
    parent: "parent",
    place: { before: "one" },
  });
});

it("puts a task after a folded one", () => {
  expect(drop("parent", "after", ["a"], true)).toMatchObject({
    parent: null,
    place: { after: "parent" },
    isNested: false,
  });
});

it("raises a sub-task beside a task without a parent", () => {
  expect(drop("z", "after", ["one"])).toMatchObject({ parent: null, isNested: false });
});

it("does not put a task beside itself", () => {
  expect(drop("a", "after", ["a"])).toBeNull();
});

it("does not put a task below itself", () => {
  expect(drop("one", "after", ["parent"])).toBeNull();
});
