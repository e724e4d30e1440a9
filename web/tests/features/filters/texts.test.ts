import { beforeEach, expect, it } from "vitest";
import type { FilterProblem } from "../../../src/domain/filter/errors.ts";
import { parseFilter } from "../../../src/domain/filter/parser.ts";
import {
  describeProblem,
  listAlternatives,
  replaceWrong,
} from "../../../src/features/filters/texts.ts";
import en from "../../../src/i18n/en.json";
import { useCatalogue } from "../../../src/i18n/translate.ts";
import { readVectors } from "../../vectors.ts";

beforeEach(() => useCatalogue("en", en));

function getProblem(text: string): FilterProblem {
  const { error } = parseFilter(text);
  if (error === null) throw new Error(`${text} has no error.`);
  return error;
}

const wrong = readVectors<{ text: string }>("filters.jsonl")
  .map(({ text }) => text)
  .filter((text) => parseFilter(text).error !== null);

it.each(wrong.map((text) => [text.slice(0, 40), text]))(
  "has a text for the error of %s",
  (_, text) => {
    const described = describeProblem(getProblem(text));
    expect(described).not.toMatch(/^filter\.|\{\{/);
  },
);

it("names the wrong value", () => {
  expect(describeProblem(getProblem("status:late"))).toBe("“late” is no status.");
});

it("explains a sign that may belong to a name", () => {
  expect(describeProblem(getProblem("#R&"))).toContain("quotation marks");
});

it("offers what may stand in place of the wrong part", () => {
  expect(listAlternatives(getProblem("status:late"))).toContain("done");
});

it("offers no condition by its description", () => {
  expect(listAlternatives(getProblem("p1 and"))).toEqual(["not", "("]);
});

it("replaces the wrong part", () => {
  expect(replaceWrong("status:late p1", { start: 7, end: 11 }, "done")).toEqual({
    text: "status:done p1",
    at: 11,
  });
});

it("adds a missing word behind the text", () => {
  expect(replaceWrong("p1 and", { start: 6, end: 6 }, "not").text).toBe("p1 and not");
});
