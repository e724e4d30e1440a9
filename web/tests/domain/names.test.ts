import { expect, test } from "vitest";
import { compareText, foldCase, makeNameKey, makeSortKey } from "../../src/domain/names.ts";
import { readVectors } from "../vectors.ts";

interface Vector {
  text: string;
  name_key: string;
  sort_key: string;
}

const VECTORS = readVectors<Vector>("names.jsonl");

test.each(VECTORS)("the key of the name $text", (vector) => {
  expect(makeNameKey(vector.text)).toBe(vector.name_key);
});

test.each(VECTORS)("the sort key of $text", (vector) => {
  expect(makeSortKey(vector.text)).toBe(vector.sort_key);
});

test("accents decide only between equal letters", () => {
  const names = ["Apfel", "Äpfel", "Apfelmus", "éclair", "Eis", "Øre", "Ort", "Zahn"];
  const sorted = [...names].sort((one, other) => compareText(makeSortKey(one), makeSortKey(other)));
  expect(sorted).toEqual(names);
});

test("texts are compared by code points", () => {
  const texts = ["", "a", "a\u0301", "b", "\ud7ff", "\uffff", "\u{1f3e0}"];
  expect([...texts].reverse().sort(compareText)).toEqual(texts);
});

test.each([
  ["Straße", "strasse"],
  ["ΣΊΣΥΦΟΣ", "σίσυφοσ"],
  ["Ꭰᏸ", "ᎠᏰ"],
])("the folded %s is %s", (text, folded) => {
  expect(foldCase(text)).toBe(folded);
});
