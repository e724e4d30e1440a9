import { expect, test } from "vitest";
import type { TaskRow } from "../../src/domain/rows.ts";
import { parseSearch, searchAll, searchTasks } from "../../src/domain/search.ts";
import { findMarks, makeExcerpt } from "../../src/domain/searchMarks.ts";
import { makeTask } from "./tasks.ts";

const NAMES = [
  { id: "c1", name: "Household" },
  { id: "t1", name: "später" },
];

function find(query: string, rows: readonly Partial<TaskRow>[]): string[] {
  const tasks = rows.map((row, index) => makeTask({ id: String(index), ...row }));
  return searchAll(parseSearch(query), tasks, NAMES).hits.map((hit) => hit.id);
}

function findRank(query: string, row: Partial<TaskRow>): number | undefined {
  return searchAll(parseSearch(query), [makeTask(row)], NAMES).hits[0]?.rank;
}

function mark(text: string, query: string): string[] {
  return findMarks(text, parseSearch(query)).map(({ start, end }) => text.slice(start, end));
}

test.each([
  ["mil", { title: "Milk" }, 0],
  ["mil", { title: "“Milk”" }, 0],
  ["mil", { title: "Buy milk" }, 1],
  ["ilk", { title: "Buy milk" }, 2],
  ["mil", { description: "oat milk", title: "Buy" }, 3],
  ["ilk", { description: "oat milk", title: "Buy" }, 4],
  ["house", { category_id: "c1" }, 3],
  ["hold", { category_id: "c1" }, 4],
  ["spat", { tag_ids: ["t1"] }, 3],
  ["buy milk", { title: "Buy milk" }, 0],
  ["milk buy", { title: "Buy milk" }, 0],
  ["buy house", { title: "Buy milk", category_id: "c1" }, 3],
  ["strasse", { title: "Straße" }, 0],
  ["ARGER", { title: "Viel Ärger" }, 1],
  ["ärger", { title: "Arger" }, 0],
  ['"buy milk"', { title: "Buy-Milk now" }, 0],
  ["oat-mi", { title: "Oat milk" }, 0],
  ["京", { title: "北京" }, 1],
])("%s ranks %j", (query, row, rank) => {
  expect(findRank(query, row)).toBe(rank);
});

test.each([
  ["", { title: "Milk" }],
  ["-oat", { title: "Milk" }],
  ["milk -oat", { title: "Oat milk" }],
  ["milk cheese", { title: "Milk" }],
  ['"mil"', { title: "Milk" }],
  ['"mil"', { title: "Mïlk" }],
  ["?!", { title: "Milk?!" }],
])("%j does not find %j", (query, row) => {
  expect(findRank(query, row)).toBeUndefined();
});

test("an excluded word is a whole word", () => {
  expect(findRank("milk -oa", { title: "Oat milk" })).toBe(1);
});

test("open tasks come first, then the better rank, then the order of the rows", () => {
  const rows: Partial<TaskRow>[] = [
    { title: "Milk", status: "done" },
    { title: "Buy milk" },
    { title: "Milk" },
    { title: "Milk again" },
  ];
  expect(find("milk", rows)).toEqual(["2", "3", "1", "0"]);
});

test("each slice yields what has been found so far", () => {
  const rows = Array.from({ length: 5 }, (_, index) => makeTask({ id: String(index) }));
  const slices = [...searchTasks(parseSearch("milk"), [rows], [], { slice: 2 })];
  expect(slices.map((result) => result.total)).toEqual([2, 4, 5]);
});

test("the limit bounds the hits, not the total", () => {
  const rows = Array.from({ length: 5 }, (_, index) => makeTask({ id: String(index) }));
  const { hits, total } = searchAll(parseSearch("milk"), rows, [], { limit: 2 });
  expect([hits.length, total]).toEqual([2, 5]);
});

test.each([
  ["Buy milk", "mil", ["mil"]],
  ["Milk and milk", "milk", ["Milk", "milk"]],
  ["Buy milk", "ilk", ["ilk"]],
  ["Buttermilk milk", "milk", ["milk"]],
  ["Die Straße", "strasse", ["Straße"]],
  ["Viel A\u0308rger", "arger", ["A\u0308rger"]],
  ["Buy oat - milk", "oat-milk", ["oat - milk"]],
  ["milkmilk", "milk milkm", ["milkm"]],
  ["Party 🎉!", "🎉", ["🎉"]],
  ["😀 Milk", "milk", ["Milk"]],
  ["milk", '"mil"', []],
])("marks in %s for %s", (text, query, expected) => {
  expect(mark(text, query)).toEqual(expected);
});

test("an excerpt is a part around the first mark", () => {
  const text = `${"some words before it ".repeat(5)}milk ${"and after ".repeat(9)}`;
  const excerpt = makeExcerpt(text, parseSearch("milk"), 40);
  const marked = excerpt.marks.map(({ start, end }) => excerpt.text.slice(start, end));
  expect([excerpt.text, marked, excerpt.isCutBefore, excerpt.isCutAfter]).toEqual([
    ...["it some words before it milk and after a", ["milk"], true, true],
  ]);
});
