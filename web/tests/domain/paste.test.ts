import { expect, test } from "vitest";
import { hasSeveralLines, parsePaste } from "../../src/domain/paste.ts";

/** Return the titles, indented by level. */
function outline(text: string, maxLevel?: number): string[] {
  return parsePaste(text, maxLevel).map(({ title, level }) => "> ".repeat(level) + title);
}

test.each([
  ["- milk", "milk", false],
  ["* milk", "milk", false],
  ["+ milk", "milk", false],
  ["• milk", "milk", false],
  ["1. milk", "milk", false],
  ["12) milk", "milk", false],
  ["- [ ] milk", "milk", false],
  ["- [x] milk", "milk", true],
  ["1. [X] milk", "milk", true],
  ["[ ] milk", "milk", false],
  ["[] milk", "milk", false],
  ["☐ milk", "milk", false],
  ["☑ milk", "milk", true],
  ["-milk", "-milk", false],
  ["2026. milk", "2026. milk", false],
  ["3 eggs", "3 eggs", false],
  ["[link](x)", "[link](x)", false],
  ["*bold* milk", "*bold* milk", false],
  ["  milk\t ", "milk", false],
  ["buy\tmilk", "buy milk", false],
])("%j is the task %s", (line, title, isDone) => {
  expect(parsePaste(line)).toEqual([{ title, isDone, level: 0, parent: null }]);
});

test.each(["", " \n\t\n", "-", "- [ ]", "*\n1.\n"])("%j has no task", (text) => {
  expect(parsePaste(text)).toEqual([]);
});

test.each([
  ["a\n\n\nb\r\nc\u2028d", ["a", "b", "c", "d"]],
  ["a\n  b\n    c\n  d\ne", ["a", "> b", "> > c", "> d", "e"]],
  ["a\n\tb\n\t\tc", ["a", "> b", "> > c"]],
  ["  a\n  b\n    c", ["a", "b", "> c"]],
  ["a\n        b\n    c", ["a", "> b", "> c"]],
  ["    a\nb\n  c", ["a", "b", "> c"]],
  ["- a\n\n  - b\n", ["a", "> b"]],
  ["a\n    b\n\tc", ["a", "> b", "> c"]],
])("levels of %j", (text, expected) => {
  expect(outline(text)).toEqual(expected);
});

test("deeper lines get the deepest level", () => {
  expect(outline("a\n b\n  c\n   d\n b", 1)).toEqual(["a", "> b", "> c", "> d", "> b"]);
});

test("each sub-task has its parent", () => {
  const tasks = parsePaste("a\n b\n  c\n d\ne\n f");
  expect(tasks.map((task) => task.parent)).toEqual([null, 0, 1, 0, null, 4]);
});

test.each([
  ["a", false],
  ["a\n\n", false],
  ["a\nb", true],
])("%j has several lines: %s", (text, expected) => {
  expect(hasSeveralLines(text)).toBe(expected);
});
