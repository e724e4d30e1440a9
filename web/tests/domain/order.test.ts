import { describe, expect, test } from "vitest";
import { compareByPosition, makeKeyBetween, makeKeysBetween } from "../../src/domain/order.ts";
import { makeRandom, type Random } from "../random.ts";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SMALLEST = `A${"0".repeat(26)}`;

function getWholeLength(key: string): number {
  const code = key.charCodeAt(0);
  return key >= "a" ? code - 95 : 92 - code;
}

/** Return a random key. Extreme digits are frequent, because carries are the likeliest faults. */
function makeRandomKey(random: Random): string {
  const digit = () => random.choose([..."01Vyz", random.choose([...DIGITS])]);
  const letter = random.choose([..."aZbYzA", random.choose([...DIGITS.slice(10)])]);
  const whole = Array.from({ length: getWholeLength(letter) - 1 }, digit).join("");
  const fraction = Array.from({ length: random.integer(0, 8) }, digit).join("");
  return letter + whole + fraction.replace(/0+$/, "");
}

function makeCheckedKey(before: string | null, after: string | null): string {
  const key = makeKeyBetween(before, after);
  expect(before === null || before < key).toBe(true);
  expect(after === null || key < after).toBe(true);
  expect(key).toMatch(/^[0-9A-Za-z]+$/);
  expect(key.slice(getWholeLength(key)).endsWith("0")).toBe(false);
  return key;
}

test("a key exists between any two keys", () => {
  const random = makeRandom(6);
  for (let round = 0; round < 3000; round++) {
    const [low = "", high = ""] = [makeRandomKey(random), makeRandomKey(random)].sort();
    if (low !== high) makeCheckedKey(low, high);
  }
});

test("a key exists before and after any key", () => {
  const random = makeRandom(7);
  for (let round = 0; round < 2000; round++) {
    const key = makeRandomKey(random);
    makeCheckedKey(key, null);
    if (key !== SMALLEST) makeCheckedKey(null, key);
  }
});

test("keys can be inserted anywhere", () => {
  const random = makeRandom(8);
  const order: string[] = [];
  for (let count = 0; count < 500; count++) {
    const index = random.integer(0, order.length);
    order.splice(index, 0, makeCheckedKey(order[index - 1] ?? null, order[index] ?? null));
  }
  expect(order).toEqual([...new Set(order)].sort());
});

test.each([
  [null, null, "a0"],
  ["a0", null, "a1"],
  ["a5", "a6", "a5V"],
  ["a5", "a7", "a6"],
  ["az", null, "b00"],
  [null, "a0", "Zz"],
  [null, "Z0", "Yzz"],
  ["Zz", null, "a0"],
  [null, "a5V", "a5"],
  // Runs of insertions, and carries: results of the function of the server.
  ["a5V", "a6", "a5l"],
  ["a5zzz", "a6", "a5zzz001"],
  ["a5", "a5001", "a5000zzz"],
  ["a5V01", "a5V1", "a5V0W"],
  ["a5VVV", "a6", "a5VVW"],
  ["bzz", null, "c000"],
])("the key between %s and %s is %s", (before, after, key) => {
  expect(makeKeyBetween(before, after)).toBe(key);
});

test.each([
  ["a1", "a1"],
  ["a2", "a1"],
  ["", null],
  ["a", null],
  [null, "b1"],
  ["a1V0", null],
  [null, "a-"],
  [null, "é1"],
  [null, SMALLEST],
])("there is no key between %s and %s", (before, after) => {
  expect(() => makeKeyBetween(before, after)).toThrow(RangeError);
});

describe("keys stay short when inserted", () => {
  const random = makeRandom(9);
  test.each<[string, (count: number) => number, number]>([
    ["at the end", (count) => count, 4],
    ["at the start", () => 0, 4],
    ["before the last", (count) => count - 1, 8],
    ["after the first", () => 1, 8],
    ["anywhere", (count) => random.integer(1, count - 1), 12],
  ])("%s", (_place, choose, longest) => {
    const order = ["a5", "a6"];
    for (let count = 0; count < 5000; count++) {
      const index = choose(order.length);
      order.splice(index, 0, makeKeyBetween(order[index - 1] ?? null, order[index] ?? null));
    }
    expect(Math.max(...order.map((key) => key.length))).toBeLessThanOrEqual(longest);
  });
});

test("several keys are in order between two keys", () => {
  const keys = ["a5", ...makeKeysBetween("a5", "a6", 200), "a6"];
  expect(keys).toEqual([...new Set(keys)].sort());
  expect(keys.length).toBe(202);
});

test("rows are compared as bytes, and ties by the id", () => {
  const rows = [
    { id: "2", position: "a1" },
    { id: "1", position: "a1" },
    { id: "3", position: "Zz" },
    { id: "4", position: "aB" },
    { id: "5", position: "aA" },
  ];
  expect(rows.sort(compareByPosition).map((row) => row.id)).toEqual(["3", "1", "2", "5", "4"]);
});
