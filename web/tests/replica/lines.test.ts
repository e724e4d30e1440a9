import { expect, test } from "vitest";
import { mergeLines } from "../../src/replica/lines.ts";
import { makeRandom } from "../random.ts";

const BASE = "a\nb\nc\nd\ne";

test.for<[string, string, string, string | null]>([
  ["one side only", "a\nB\nc\nd\ne", BASE, "a\nB\nc\nd\ne"],
  ["two lines apart", "A\nb\nc\nd\ne", "a\nb\nc\nd\nE", "A\nb\nc\nd\nE"],
  ["neighbouring lines", "a\nB\nc\nd\ne", "a\nb\nC\nd\ne", "a\nB\nC\nd\ne"],
  ["the same line", "a\nB\nc\nd\ne", "a\nX\nc\nd\ne", null],
  ["the same change", "a\nX\nc\nd\ne", "a\nX\nc\nd\ne", "a\nX\nc\nd\ne"],
  ["insertions at different places", "a\n1\nb\nc\nd\ne", "a\nb\nc\nd\n2\ne", "a\n1\nb\nc\nd\n2\ne"],
  ["insertions at one place", "a\n1\nb\nc\nd\ne", "a\n2\nb\nc\nd\ne", null],
  ["a line removed, another changed", "a\nc\nd\ne", "a\nb\nc\nd\nE", "a\nc\nd\nE"],
  ["a line removed and changed", "a\nc\nd\ne", "a\nB\nc\nd\ne", null],
  ["two changes around a third", "A\nb\nc\nd\nE", "a\nb\nC\nd\ne", "A\nb\nC\nd\nE"],
])("%s", ([, ours, theirs, expected]) => {
  expect(mergeLines(BASE, ours, theirs)).toBe(expected);
});

const SEEDS = Array.from({ length: 50 }, (_, index) => index);

test.for(SEEDS)("the sides may be exchanged, seed %i", (seed) => {
  const random = makeRandom(seed);
  const makeText = () =>
    Array.from({ length: random.integer(0, 6) }, () => random.choose(["a", "b", "c", "d"])).join(
      "\n",
    );
  const [base, ours, theirs] = [makeText(), makeText(), makeText()];
  expect(mergeLines(base, ours, theirs)).toBe(mergeLines(base, theirs, ours));
});

test.for(SEEDS)("a change of one side alone is the result, seed %i", (seed) => {
  const random = makeRandom(seed);
  const makeText = () =>
    Array.from({ length: random.integer(0, 8) }, () => random.choose(["a", "b", "c"])).join("\n");
  const [base, ours] = [makeText(), makeText()];
  expect(mergeLines(base, ours, base)).toBe(ours);
});
