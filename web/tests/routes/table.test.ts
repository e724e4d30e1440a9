import { expect, it } from "vitest";
import { findPage } from "../../src/routes/table.ts";

it("opens Today at the root", () => {
  expect(findPage("/")).toEqual({ name: "today" });
});

it("ignores a slash at the end", () => {
  expect(findPage("/inbox/")).toEqual({ name: "inbox" });
});

it("reads the id of a category", () => {
  expect(findPage("/category/0190")).toEqual({ name: "category", id: "0190" });
});

it("reads the number of a task", () => {
  expect(findPage("/t/214")).toEqual({ name: "task", number: "214" });
});

it("opens the trash", () => {
  expect(findPage("/trash")).toEqual({ name: "trash" });
});

it("reads the id of a saved filter", () => {
  expect(findPage("/filter/0190")).toEqual({ name: "filter", id: "0190" });
});

it("opens the search", () => {
  expect(findPage("/search")).toEqual({ name: "search" });
});

it("opens quick add for a share", () => {
  expect(findPage("/share")).toEqual({ name: "add" });
});

it.each(["/nothing", "/category", "/category/a/b", "/toString"])("knows no page %s", (path) => {
  expect(findPage(path)).toEqual({ name: "notFound" });
});

it("opens Upcoming", () => {
  expect(findPage("/upcoming")).toEqual({ name: "upcoming" });
});

it("opens the board", () => {
  expect(findPage("/board")).toEqual({ name: "board" });
});
