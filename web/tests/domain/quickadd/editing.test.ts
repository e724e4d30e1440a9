import { describe, expect, test } from "vitest";
import {
  completeName,
  findSpanBefore,
  findTypedName,
  turnIntoText,
} from "../../../src/domain/quickadd/editing.ts";
import { makeRandom } from "../../random.ts";
import { parse } from "./parse.ts";

describe("a recognised part", () => {
  test("is found at its end", () => {
    const text = "Call Sam tomorrow #Home";
    const { spans } = parse(text);
    expect(findSpanBefore(spans, 17)?.kind).toBe("due_date");
    expect(findSpanBefore(spans, 16)).toBeNull();
  });

  test("is not found at the end of the description", () => {
    expect(findSpanBefore(parse("Call // x").spans, 9)).toBeNull();
  });

  test.each([
    ["Call Sam tomorrow", "Call Sam \\tomorrow", "Call Sam tomorrow"],
    ["Read every friday at 9", "Read \\every friday at 9", "Read every friday at 9"],
    ['Fix #"my home"', 'Fix \\#"my home"', 'Fix #"my home"'],
  ])("of %j becomes text", (text, changed, title) => {
    const span = parse(text).spans[0];
    if (span === undefined) throw new Error(`${text} has no part.`);
    expect(turnIntoText(text, span)).toBe(changed);
    expect(parse(changed)).toMatchObject({ title, due_date: null, category: null, spans: [] });
  });
});

describe("findTypedName", () => {
  test.each([
    ["Fix #", "category", "", 4],
    ["Fix #Ho", "category", "Ho", 4],
    ["@ph", "tag", "ph", 0],
    ["Call +gra", "assignee", "gra", 5],
    ['Fix #"my ho', "category", "my ho", 4],
    ["Fix #„my ho", "category", "my ho", 4],
    ["Fix #a @b", "tag", "b", 7],
  ])("in %j", (text, kind, prefix, start) => {
    expect(findTypedName(text, text.length)).toEqual({ kind, prefix, start, end: text.length });
  });

  test("uses the text before the position", () => {
    expect(findTypedName("Fix #Home soon", 7)).toEqual({
      ...{ kind: "category", prefix: "Ho", start: 4, end: 7 },
    });
  });

  test.each([
    "",
    "Fix",
    "a#b",
    "\\#a",
    "##a",
    "Fix #a ",
    'Fix #"a"',
    "Call // see #4",
    "grace@example",
  ])("finds none in %j", (text) => {
    expect(findTypedName(text, text.length)).toBeNull();
  });
});

describe("completeName", () => {
  test.each([
    ["Fix #Ho", "Home", "Fix #Home ", 10],
    ["Fix #Ho", "Home improvements", 'Fix #"Home improvements" ', 25],
    ["Fix #", 'The "big" one', 'Fix #“The "big" one” ', 21],
    ["Fix #", "123", 'Fix #"123" ', 11],
    ["Fix #", "a://b", 'Fix #"a://b" ', 13],
  ])("of %j by %j", (text, name, expected, position) => {
    const typed = findTypedName(text, text.length);
    if (typed === null) throw new Error(`${text} has no name.`);
    expect(completeName(text, typed, name)).toEqual({ text: expected, position });
  });

  test("keeps the text behind it, and adds no second space", () => {
    const typed = findTypedName("Fix #Ho soon", 7);
    if (typed === null) throw new Error("The text has no name.");
    expect(completeName("Fix #Ho soon", typed, "Home")).toEqual({
      text: "Fix #Home soon",
      position: 10,
    });
  });

  test("writes any name so that it is read again", () => {
    const random = makeRandom(15);
    const pieces = [
      "a",
      "Ä",
      " ",
      "#",
      "@",
      "1",
      ".",
      '"',
      "“",
      "”",
      "„",
      "/",
      ":",
      "\\",
      "(",
      "🏠",
      "!",
    ];
    for (let round = 0; round < 2000; round++) {
      const count = random.integer(1, 5);
      const name = Array.from({ length: count }, () => random.choose(pieces))
        .join("")
        .trim();
      const typed = findTypedName("Fix #", 5);
      if (typed === null || name === "") continue;
      const { text } = completeName("Fix #", typed, name);
      expect(parse(text).category, text).toBe(name);
    }
  });
});
