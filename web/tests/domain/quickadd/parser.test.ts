import { describe, expect, test } from "vitest";
import type { DateOrder, QuickAdd } from "../../../src/domain/quickadd/result.ts";
import { makeRandom, type Random } from "../../random.ts";
import { readVectors } from "../../vectors.ts";
import { listIssues, parse } from "./parse.ts";

interface Vector {
  id: number;
  text: string;
  language: string;
  now: string;
  time_zone: string;
  date_order?: DateOrder;
  expect: Record<string, unknown>;
}

const FIELDS = [
  ...(["title", "description", "due_date", "category", "tags", "priority", "assignee"] as const),
  ...(["parent", "reminders", "repeat_rule", "repeat_mode"] as const),
];
const PIECES = [
  ...[
    "tomorrow",
    "friday",
    "next",
    "week",
    "at",
    "9",
    "9am",
    "17:30",
    "on",
    "every",
    "every!",
    "3",
  ],
  ...["days", "monday", "and", "until", "starting", "dec", "24", "feb", "30", "1st", "of", "month"],
  ...["for", "6", "times", "morning", "daily", "#Home", '#"my home"', "@a", "@b", "+grace", "p1"],
  ...["^12", "!30m", "!8:00", "2026-12-01", "1.12.", "the", "from", "milk", "call", '"the day"'],
  ...["https://a.example/#b", "\\friday", "\\#x", "mum,", ",", "ä", "\u4e00", "🏠"],
];

/** Return the result in the notation of the vectors. */
function write(text: string, task: QuickAdd): Record<string, unknown> {
  if (task.errors.length > 0) return { errors: listIssues(text, task.errors) };
  const fields = FIELDS.map((name): [string, unknown] => [name, task[name]]);
  const isSet = (value: unknown) =>
    value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
  const warnings = listIssues(text, task.warnings);
  return {
    ...Object.fromEntries(fields.filter(([, value]) => isSet(value))),
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

function makeText(random: Random): string {
  return Array.from({ length: random.integer(0, 10) }, () => random.choose(PIECES)).join(" ");
}

describe.each(["quick-add", "quick-add-en", "quick-add-de"])("%s", (name) => {
  test.each(readVectors<Vector>(`${name}.jsonl`))("vector $id: $text", (vector) => {
    const task = parse(vector.text, {
      language: vector.language,
      now: vector.now,
      zone: vector.time_zone,
      dateOrder: vector.date_order ?? "none",
    });
    expect(write(vector.text, task)).toEqual(vector.expect);
  });
});

describe("spans", () => {
  test.each<[string, [string, number, number][]]>([
    [
      "p1 tomorrow call Grace",
      [
        ["priority", 0, 2],
        ["due_date", 3, 11],
      ],
    ],
    [
      "Go monday #a at 9",
      [
        ["due_date", 3, 9],
        ["category", 10, 12],
        ["due_date", 13, 17],
      ],
    ],
    [
      "Call every day // x",
      [
        ["repeat", 5, 14],
        ["description", 15, 19],
      ],
    ],
    ["Call mum, on friday", [["due_date", 10, 19]]],
    [
      'Fix #"my home" +me',
      [
        ["category", 4, 14],
        ["assignee", 15, 18],
      ],
    ],
    [
      "Go @a ^1 friday !1d",
      [
        ["tag", 3, 5],
        ["parent", 6, 8],
        ["due_date", 9, 15],
        ["reminder", 16, 19],
      ],
    ],
    // An index of a string: the house counts two.
    ["🏠 putzen p1", [["priority", 10, 12]]],
  ])("of %j", (text, spans) => {
    expect(parse(text).spans.map(({ kind, start, end }) => [kind, start, end])).toEqual(spans);
  });

  test("are in order and do not overlap", () => {
    const random = makeRandom(12);
    for (let round = 0; round < 1000; round++) {
      const text = makeText(random);
      const positions = parse(text).spans.flatMap(({ start, end }) => [start, end]);
      expect(positions, text).toEqual([...positions].sort((one, other) => one - other));
      expect(positions.every((position) => position >= 0 && position <= text.length)).toBe(true);
    }
  });

  test("are all that the title does not have", () => {
    const random = makeRandom(13);
    for (let round = 0; round < 1000; round++) {
      const text = makeText(random);
      const task = parse(text);
      let rest = text;
      for (const { start, end } of [...task.spans].reverse()) {
        rest = rest.slice(0, start) + rest.slice(end);
      }
      const split = (words: string) =>
        words.split(" ").map((word) => word.replace(/^\\/, "").replace(/,+$/, ""));
      const filled = (words: string) => split(words).filter((word) => word !== "");
      expect(filled(task.title), text).toEqual(filled(rest));
    }
  });

  test("with a backslash are a part of the title", () => {
    const random = makeRandom(14);
    for (let round = 0; round < 1000; round++) {
      const text = makeText(random);
      const { spans } = parse(text);
      let escaped = text;
      for (const { start } of [...spans].reverse()) {
        escaped = `${escaped.slice(0, start)}\\${escaped.slice(start)}`;
      }
      const { title } = parse(escaped);
      const parts = spans.map(({ start, end }) => text.slice(start, end));
      expect(
        parts.filter((part) => !title.includes(part)),
        text,
      ).toEqual([]);
    }
  });
});

test("errors and fields are both returned", () => {
  const task = parse("Buy milk #Home #Work tomorrow");
  expect(task.errors).toEqual([{ code: "two_category", start: 15, end: 20 }]);
  expect([task.category, task.due_date]).toEqual(["Home", "2026-11-26"]);
});

test("each reminder without a date is an error", () => {
  expect(parse("Call !1d !30m").errors.map((error) => error.start)).toEqual([5, 9]);
});

test("today depends on the time zone", () => {
  const now = "2026-11-25T23:30:00Z";
  expect(parse("Call today", { now }).due_date).toBe("2026-11-26");
  expect(parse("Call today", { now, zone: "America/New_York" }).due_date).toBe("2026-11-25");
});

test("slashes are a date only with an order", () => {
  expect(parse("Invoice 3/12").due_date).toBeNull();
  expect(parse("Invoice 3/12", { dateOrder: "mdy" }).due_date).toBe("2027-03-12");
});

test("a date after the year 9999 is text", () => {
  expect(parse("Call in 9999 years")).toMatchObject({
    title: "Call in 9999 years",
    due_date: null,
  });
});

test.each(["mon", "every", "on", "daily", "2", "1.1.", "dec"])(
  "a phrase of many %s has a limited number of words",
  (word) => {
    const text = `x${` ${word}`.repeat(600)}`;
    expect(parse(`${text} every ${"mon ".repeat(100)}`).title.length).toBeGreaterThan(1000);
    expect(parse(`${text} friday`).due_date).toBe("2026-11-27");
  },
);

test("long quotation marks and digits are text", () => {
  const text = `${'"'.repeat(999)} ${"1".repeat(900)}`;
  expect(parse(text).title).toBe(text);
});

test.each([
  "constructor",
  "__proto__",
  "toString",
  "every constructor",
  "on toString at hasOwnProperty",
])("a word that every object has is text: %s", (text) => {
  expect(parse(`Fix ${text}`)).toMatchObject({ title: `Fix ${text}`, due_date: null });
});
