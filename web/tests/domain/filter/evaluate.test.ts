import { expect, test } from "vitest";
import { compileFilter } from "../../../src/domain/filter/evaluate.ts";
import { listWarnings } from "../../../src/domain/filter/names.ts";
import type { TaskRow } from "../../../src/domain/rows.ts";
import { readVectors } from "../../vectors.ts";
import { makeTask } from "../tasks.ts";
import { parseValid } from "./notation.ts";
import { makeContext, ROWS } from "./workspace.ts";

const RESULTS = readVectors<{ text: string; time_zone: string; found: number[] }>(
  "filter-results.jsonl",
);
const CONTEXT = makeContext("Europe/Berlin");

function matches(text: string, fields: Partial<TaskRow>): boolean {
  return compileFilter(parseValid(text).node, CONTEXT)(makeTask(fields));
}

test.each(RESULTS)("$text finds the tasks of the server", ({ text, time_zone, found }) => {
  const isMatch = compileFilter(parseValid(text).node, makeContext(time_zone));
  expect(ROWS.filter(isMatch).map((row) => row.number)).toEqual(found);
});

test.each([
  ["strasse", "Die Straße"],
  ["straße", "DIE STRASSE"],
  ["apfel", "Äpfel Apfel"],
  ["uber", "über uns"],
  ["北", "北京"],
  ['"北京"', "in 北京"],
  ["🎉", "Party 🎉"],
  ["par*", "Party 🎉"],
  ['"to buy"', "things to-buy"],
])("%s finds %s", (text, title) => {
  expect(matches(text, { title })).toBe(true);
});

test.each([
  ["par", "Party"],
  ['"to buy"', "buy to"],
  ["-milk", "Oat milk"],
  ['"?!"', "What?!"],
])("%s does not find %s", (text, title) => {
  expect(matches(text, { title })).toBe(false);
});

test("the first weekday moves the week", () => {
  const { node } = parseValid("due:week");
  // 14 June 2026 is a Sunday, and now is the day after it.
  const found = [0, 6].map((firstWeekday) =>
    compileFilter(node, { ...CONTEXT, firstWeekday })(makeTask({ due_date: "2026-06-14" })),
  );
  expect(found).toEqual([false, true]);
});

test("a task without a number matches no number", () => {
  expect(matches("number<9 or number>=9", { number: null })).toBe(false);
});

test.each([
  ["#nowhere", [["unknown_category", "nowhere", 0, 8]]],
  ["p1 @nothing", [["unknown_tag", "nothing", 3, 11]]],
  ["assignee:nobody,me", [["unknown_assignee", "nobody", 0, 18]]],
  ["parent:999", [["unknown_parent", "999", 0, 10]]],
  ['"?!"', [["no_words", "?!", 0, 4]]],
  ["#WORK @home assignee:ada@example.com parent:1", []],
])("warnings of %s", (text, expected) => {
  const warnings = listWarnings(parseValid(text).node, CONTEXT);
  expect(warnings.map(({ code, name, start, end }) => [code, name, start, end])).toEqual(expected);
});
