import { expect, it } from "vitest";
import {
  changeOptions,
  getOptions,
  readStored,
  resetOptions,
} from "../../../src/features/lists/options.ts";

it("has the manual order without groups by default", () => {
  expect(getOptions("inbox")).toEqual({ group: "none", sort: null });
});

it("has the options of a saved filter by default", () => {
  const saved = { group: "tag", sort: "-priority" } as const;
  expect(getOptions("filter:1", saved)).toEqual(saved);
});

it("remembers a choice for one list", () => {
  changeOptions("category:1", { group: "status" });
  expect([getOptions("category:1").group, getOptions("category:2").group]).toEqual([
    "status",
    "none",
  ]);
});

it("remembers the manual order in place of a saved one", () => {
  changeOptions("filter:2", { sort: null });
  expect(getOptions("filter:2", { group: "none", sort: "title" }).sort).toBeNull();
});

it("forgets the choice for a list", () => {
  changeOptions("tag:1", { sort: "title" });
  resetOptions("tag:1");
  expect(getOptions("tag:1").sort).toBeNull();
});

it.each([null, 3, "x", []])("reads nothing from %j", (value) => {
  expect(readStored(value)).toEqual({});
});

it("leaves out what it does not know", () => {
  const stored = { inbox: { group: "moon", sort: 3 }, "tag:1": { group: "tag", sort: null } };
  expect(readStored(stored)).toEqual({ inbox: {}, "tag:1": { group: "tag", sort: null } });
});
