import { expect, it } from "vitest";
import { getView, setView } from "../../src/features/views.ts";

const VIEWS = ["list", "board"] as const;

it("shows a list in the first way until the person chooses", () => {
  expect(getView<(typeof VIEWS)[number]>("category a", VIEWS)).toBe("list");
});

it("remembers the view of each list", () => {
  setView("category b", "board");
  expect(["category b", "category c"].map((name) => getView<string>(name, VIEWS))).toEqual([
    "board",
    "list",
  ]);
});

it("ignores a view that does not exist any more", () => {
  setView("category d", "timeline");
  expect(getView<(typeof VIEWS)[number]>("category d", VIEWS)).toBe("list");
});
