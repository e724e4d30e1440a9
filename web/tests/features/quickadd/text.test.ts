import { expect, it } from "vitest";
import type { Span } from "../../../src/domain/quickadd/result.ts";
import {
  replacePart,
  splitLines,
  undoPartAt,
  undoPartBefore,
} from "../../../src/features/quickadd/text.ts";

const TEXT = "Call Sam tomorrow 9am";
const DUE: Span = { kind: "due_date", start: 9, end: 21 };

it("turns the part before the caret into text", () => {
  expect(undoPartBefore({ text: TEXT, caret: 21 }, [DUE])).toEqual({
    text: "Call Sam \\tomorrow 9am",
    caret: 22,
  });
});

it("leaves Backspace alone elsewhere", () => {
  expect(undoPartBefore({ text: TEXT, caret: 20 }, [DUE])).toBeNull();
});

it("turns the part at the caret into text", () => {
  expect(undoPartAt({ text: TEXT, caret: 12 }, [DUE])?.text).toBe("Call Sam \\tomorrow 9am");
});

it("leaves a click beside a part alone", () => {
  expect(undoPartAt({ text: TEXT, caret: 9 }, [DUE])).toBeNull();
});

it("replaces a part", () => {
  expect(replacePart(TEXT, DUE, "2026-12-01")).toEqual({ text: "Call Sam 2026-12-01", caret: 19 });
});

it("adds a word at the end", () => {
  expect(replacePart("Call Sam ", undefined, "p1")).toEqual({ text: "Call Sam p1", caret: 11 });
});

it("reads the lines of a pasted list", () => {
  expect(splitLines("- [ ] Oil the gate\n\n* Sell the bicycle\n2. Call Sam")).toEqual([
    "Oil the gate",
    "Sell the bicycle",
    "Call Sam",
  ]);
});
