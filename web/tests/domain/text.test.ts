import { expect, test } from "vitest";
import { splitWords } from "../../src/domain/text.ts";

test.each([
  ["Buy oat-milk, 2 l", ["buy", "oat", "milk", "2", "l"]],
  ["Äpfel über Ærø", ["apfel", "uber", "ærø"]],
  ["北京 trip", ["北", "京", "trip"]],
  ["Party🎉now", ["party", "🎉", "now"]],
  ["naïve ﬁsh ½ x²", ["naive", "fish", "1", "2", "x2"]],
  ["ไทย", ["ไ", "ท", "ย"]],
  ["?! …", []],
  ["x".repeat(70), ["x".repeat(60)]],
])("words of %s", (text, expected) => {
  expect(splitWords(text)).toEqual(expected);
});
