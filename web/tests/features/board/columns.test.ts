import { describe, expect, it } from "vitest";
import {
  type Column,
  findCarry,
  findDrop,
  findNextCard,
  getFields,
  makeColumns,
} from "../../../src/features/board/columns.ts";
import { makeTask } from "../../example/replica.ts";

const STATUSES = ["todo", "in_progress", "done"];

function show(columns: readonly Column[]) {
  return Object.fromEntries(columns.map(({ key, rows }) => [key, rows.map(({ id }) => id)]));
}

describe("the columns", () => {
  it("have their cards in manual order", () => {
    const rows = [makeTask({ id: "one", position: "b" }), makeTask({ id: "two", position: "a" })];
    expect(show(makeColumns(rows, "status", STATUSES)).todo).toEqual(["two", "one"]);
  });

  it("of done tasks begin with the one that was completed last", () => {
    const rows = [
      makeTask({ id: "a", status: "done", completed_at: "2026-11-24T09:00:00Z" }),
      makeTask({ id: "b", status: "done", completed_at: "2026-11-25T09:00:00Z" }),
    ];
    expect(show(makeColumns(rows, "status", STATUSES)).done).toEqual(["b", "a"]);
  });

  it("are shown without cards", () => {
    expect(show(makeColumns([], "priority", ["1", "2"]))).toEqual({ "1": [], "2": [] });
  });

  it("have no card for a sub-task in the column of its parent", () => {
    const rows = [makeTask({ id: "a" }), makeTask({ id: "b", parent: "a" })];
    expect(show(makeColumns(rows, "status", STATUSES)).todo).toEqual(["a"]);
  });

  it("have a card for a sub-task in another column than its parent", () => {
    const rows = [makeTask({ id: "a" }), makeTask({ id: "b", parent: "a", status: "in_progress" })];
    expect(show(makeColumns(rows, "status", STATUSES)).in_progress).toEqual(["b"]);
  });

  it("of categories have one for tasks without a category", () => {
    const rows = [makeTask({ id: "a" }), makeTask({ id: "b", category_id: "garden" })];
    expect(show(makeColumns(rows, "category", ["none", "garden"]))).toEqual({
      none: ["a"],
      garden: ["b"],
    });
  });

  it.each([
    ["status", "done", { status: "done" }],
    ["category", "none", { category_id: null }],
    ["category", "garden", { category_id: "garden" }],
    ["priority", "2", { priority: 2 }],
    ["assignee", "none", { assignee: null }],
  ] as const)("by %s give the fields of %s", (grouping, column, fields) => {
    expect(getFields(grouping, column)).toEqual(fields);
  });
});

const COLUMNS = makeColumns(
  [
    makeTask({ id: "a" }),
    makeTask({ id: "b" }),
    makeTask({ id: "c" }),
    makeTask({ id: "p", priority: 5 }),
  ],
  "priority",
  ["3", "4", "5"],
);

describe("the arrow keys", () => {
  it("go down in a column", () => {
    expect(findNextCard(COLUMNS, "a", "down")).toBe("b");
  });

  it("stop at the end of a column", () => {
    expect(findNextCard(COLUMNS, "c", "down")).toBeNull();
  });

  it("go to the next column that has cards", () => {
    expect(findNextCard(COLUMNS, "b", "right")).toBe("p");
  });

  it("carry a card below the next one", () => {
    expect(findCarry(COLUMNS, "priority", "a", "down")).toEqual({
      column: "3",
      place: { after: "b" },
    });
  });

  it("carry a card into a column without cards", () => {
    expect(findCarry(COLUMNS, "priority", "b", "right")).toEqual({ column: "4", place: null });
  });

  it("carry nothing beyond the last column", () => {
    expect(findCarry(COLUMNS, "priority", "p", "right")).toBeNull();
  });
});

describe("a drop", () => {
  const [first] = COLUMNS;
  const drop = (index: number, moved: readonly string[]) =>
    first && findDrop(first, "priority", index, new Set(moved)).place;

  it("goes before the card at the index", () => {
    expect(drop(1, ["p"])).toEqual({ before: "b" });
  });

  it("goes after the last card at the end", () => {
    expect(drop(3, ["p"])).toEqual({ after: "c" });
  });

  it("passes over the cards that are moved", () => {
    expect(drop(1, ["b", "c"])).toEqual({ after: "a" });
  });
});
