import { expect, test } from "vitest";
import { getPause } from "../../src/replica/backoff.ts";

test.for<[number, number]>([
  [1, 1000],
  [2, 2000],
  [4, 8000],
  [10, 60_000],
  [2000, 60_000],
])("after %i failures, the longest pause is %i ms", ([failures, expected]) => {
  expect(getPause(failures, null, () => 1)).toBe(expected);
});

test("the shortest pause is half of it", () => {
  expect(getPause(1, null, () => 0)).toBe(500);
});

test("the server may ask for more", () => {
  expect(getPause(1, 30, () => 0)).toBe(30_000);
});
