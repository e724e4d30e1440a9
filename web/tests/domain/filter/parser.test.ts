import { expect, test } from "vitest";
import { makeNow } from "../../../src/domain/due.ts";
import { parseFilter } from "../../../src/domain/filter/parser.ts";
import { resolveFilter } from "../../../src/domain/filter/resolution.ts";
import { makeRandom } from "../../random.ts";
import { readVectors } from "../../vectors.ts";
import { makeNotation, parseValid } from "./notation.ts";

interface Vector {
  id: number;
  now: string;
  time_zone: string;
  text: string;
  ast?: unknown[];
  error?: { code: string; start: number; end: number };
}

const VECTORS = readVectors<Vector>("filters.jsonl");
const SYNTAX = [
  ...'()|&!#@-:=<>,."\\* ',
  ...["due", "is", "no", "not", "or", "and", "tag", "today", "week", "p1", "x", "ä", "😀"],
];

test.each(VECTORS.filter((vector) => vector.ast !== undefined))(
  "tree of vector $id: $text",
  (vector) => {
    const now = makeNow(Date.parse(vector.now), vector.time_zone);
    const { node } = parseValid(vector.text);
    expect(makeNotation(resolveFilter(node, now, 0))).toEqual(vector.ast);
  },
);

test.each(VECTORS.filter((vector) => vector.error !== undefined))(
  "error of vector $id: $text",
  (vector) => {
    expect(parseFilter(vector.text).error).toMatchObject(vector.error ?? {});
  },
);

test.each([
  ["(", "unexpected_end", null, 1, 1],
  ["()", "unexpected_token", "operand", 1, 2],
  ["today)", "unexpected_token", "not_opened", 5, 6],
  ["< today", "unexpected_token", "stray_operator", 0, 1],
  ["-#Work", "unexpected_token", "minus", 0, 1],
  ["tag:", "bad_value", "empty", 4, 4],
  ["is:late", "bad_value", "flag", 3, 7],
  ["status:x", "bad_value", "status", 7, 8],
  ["parent:x", "bad_value", "parent", 7, 8],
  ["p1 priority:9", "bad_value", "priority", 12, 13],
  ["number:0", "bad_value", "number", 7, 8],
  ["priority<1,2", "bad_value", "one_value", 9, 12],
  ['due:"today"', "bad_value", "quoted_day", 4, 11],
  ["due:soon", "bad_value", "day", 4, 8],
  ["due<week", "bad_value", "period", 4, 8],
] as const)("%s is %s (%s)", (text, code, reason, start, end) => {
  expect(parseFilter(text).error).toMatchObject({ code, reason, start, end });
});

test("positions are indexes of the string", () => {
  expect(parseFilter("😀 due:soon").error).toMatchObject({ start: 7, end: 11 });
});

test("an error of a value names its alternatives", () => {
  expect(parseFilter("status:later").error?.expected).toEqual([
    ...["todo", "in_progress", "done", "cancelled"],
  ]);
});

test("a symbol that may belong to a name is reported", () => {
  expect(parseFilter("#R& ").error?.symbol).toBe("&");
});

test("the limit of the length counts characters, not code units", () => {
  expect([
    parseFilter("😀".repeat(1000)).error,
    parseFilter("😀".repeat(1001)).error?.code,
  ]).toEqual([null, "too_long"]);
});

test("51 conditions are too many", () => {
  expect(parseFilter(`tag:x ${"a ".repeat(50)}`).error?.code).toBe("too_many_conditions");
});

test("11 levels are too deep", () => {
  const nested = `${"(".repeat(11)}p1${")".repeat(11)}`;
  expect(parseFilter(nested).error?.code).toBe("too_deep");
});

test("spans are the parts of the text", () => {
  expect(parseFilter("not (today #Work)").spans).toEqual([
    { kind: "operator", start: 0, end: 3 },
    { kind: "parenthesis", start: 4, end: 5 },
    { kind: "due", start: 5, end: 10 },
    { kind: "category", start: 11, end: 16 },
    { kind: "parenthesis", start: 16, end: 17 },
  ]);
});

test("an error keeps the spans before it", () => {
  expect(parseFilter("today and").spans.map((span) => span.kind)).toEqual(["due", "operator"]);
});

test("random texts have ascending positions", () => {
  const random = makeRandom(1);
  const wrong: string[] = [];
  for (let count = 0; count < 3000; count++) {
    const length = random.integer(0, 20);
    const text = Array.from({ length }, () => random.choose(SYNTAX)).join("");
    const { spans, error } = parseFilter(text);
    const positions = spans.flatMap((span) => [span.start, span.end]);
    if (error !== null) positions.push(error.start, error.end);
    const isAscending = positions.every(
      (at, index) => index % 2 === 0 || at >= (positions[index - 1] ?? 0),
    );
    if (!isAscending || positions.some((at) => at < 0 || at > text.length)) wrong.push(text);
  }
  expect(wrong).toEqual([]);
});
