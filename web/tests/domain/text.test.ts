import { expect, test } from "vitest";
import { foldCase, makeNameKey, splitWords } from "../../src/domain/text.ts";

test.each([
  ["Work", "work"],
  ["Straße", "strasse"],
  ["STRAẞE", "strasse"],
  ["Ὀδυσσεύς", "ὀδυσσεύσ"],
  ["ılık", "ılık"],
  ["ﬁsh", "fish"],
])("%s is folded to %s", (text, expected) => {
  expect(foldCase(text)).toBe(expected);
});

test.each([
  ["Gräfin", "GRA\u0308FIN"],
  ["Work\u200b", "work"],
  [" \u200dWork", "work"],
])("%j and %j are the same name", (one, other) => {
  expect(makeNameKey(one)).toBe(makeNameKey(other));
});

test.each([
  ["Buy oat-milk, 2 l", ["buy", "oat", "milk", "2", "l"]],
  ["Äpfel über Ærø", ["apfel", "uber", "ærø"]],
  ["北京 trip", ["北", "京", "trip"]],
  ["Party🎉now", ["party", "🎉", "now"]],
  ["?! …", []],
  ["x".repeat(70), ["x".repeat(60)]],
])("words of %s", (text, expected) => {
  expect(splitWords(text)).toEqual(expected);
});
