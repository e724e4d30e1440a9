import { expect, test } from "vitest";
import type { TaskRow } from "../../src/domain/rows.ts";
import { makeComparison, parseSort } from "../../src/domain/sorting.ts";
import { readVectors } from "../vectors.ts";
import { makeTask } from "./tasks.ts";

/** Return the ids in the order of a sort. */
function sort(text: string, rows: TaskRow[]): string {
  const keys = parseSort(text);
  if (keys === null) throw new Error(`${text} is no sort order.`);
  return rows
    .sort(makeComparison(keys))
    .map((row) => row.id)
    .join("");
}

function makeTasks(...fields: Partial<TaskRow>[]): TaskRow[] {
  return fields.map((each, index) => makeTask({ id: String(index + 1), ...each }));
}

test.each([
  ["title", [["title", false]]],
  [
    "-priority,due_date",
    [
      ["priority", true],
      ["due_date", false],
    ],
  ],
  [
    " number , -title ",
    [
      ["number", false],
      ["title", true],
    ],
  ],
])("%j has keys with a direction", (text, expected) => {
  expect(parseSort(text)?.map((key) => [key.name, key.isDescending])).toEqual(expected);
});

test.each([
  ...["", "-", "title,", "Title", "description", "--title", "- title", "title,title"],
  ...["title,-title", "created_at,updated_at,due_date,priority,title,number"],
])("%j is no sort order", (text) => {
  expect(parseSort(text)).toBeNull();
});

test.each([
  ["priority", "213"],
  ["-priority", "312"],
])("%s", (text, expected) => {
  expect(sort(text, makeTasks({ priority: 2 }, { priority: 1 }, { priority: 5 }))).toBe(expected);
});

test.each([
  ["due_date", "3214"],
  ["-due_date", "1234"],
])("tasks without a due date are last by %s", (text, expected) => {
  const rows = makeTasks(
    { due_date: "2026-12-03" },
    { due_date: "2026-12-02T09:00:00", due_time_zone: "Europe/Berlin" },
    { due_date: "2026-12-02" },
    {},
  );
  expect(sort(text, rows)).toBe(expected);
});

test.each([
  ["completed_at", "213"],
  ["-completed_at", "123"],
])("open tasks are last by %s", (text, expected) => {
  const rows = makeTasks(
    { completed_at: "2026-11-25T09:00:00.500000Z" },
    { completed_at: "2026-11-25T09:00:00.5Z" },
    {},
  );
  expect(sort(text, rows)).toBe(expected);
});

test.each([
  ["title", "3124"],
  ["-title", "4213"],
])("titles are sorted by %s as words", (text, expected) => {
  const rows = makeTasks(
    { title: "Öl" },
    { title: "Ölwechsel" },
    { title: "ofen" },
    { title: "Zug" },
  );
  expect(sort(text, rows)).toBe(expected);
});

test("tasks that the server does not have yet are last by number", () => {
  expect(sort("-number", makeTasks({ number: null }, { number: 7 }, { number: 8 }))).toBe("321");
});

test("further keys decide between equal tasks, and at last the id", () => {
  const rows = makeTasks(
    { priority: 2, position: "a1" },
    { priority: 1, position: "a1" },
    { priority: 1, position: "Zz" },
    { priority: 1, position: "a1" },
  );
  expect(sort("priority,position", rows.reverse())).toBe("3241");
});

test("due dates are sorted as the vectors of the server", () => {
  interface Vector {
    id: number;
    due_date: string;
    due_time_zone: string | null;
    expect: { at: string } | null;
  }
  const vectors = readVectors<Vector>("due-dates.jsonl").filter((each) => each.expect !== null);
  const times = new Map(vectors.map((each) => [String(each.id), each.expect?.at]));
  const rows = vectors.map((each) => makeTask({ ...each, id: String(each.id) }));
  const sorted = rows.sort(makeComparison([{ name: "due_date", isDescending: false }]));
  expect(sorted.map((row) => times.get(row.id))).toEqual([...times.values()].sort());
});
