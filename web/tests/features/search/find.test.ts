import { expect, it } from "vitest";
import { parseSearch } from "../../../src/domain/search.ts";
import { fits, listSources } from "../../../src/features/search/find.ts";
import { HARBOUR } from "../../example/harbour.ts";
import { ExampleReplica, makeTask } from "../../example/replica.ts";

const TASKS = [
  makeTask({ id: "second", position: "b" }),
  makeTask({ id: "first", position: "a" }),
  makeTask({ id: "old", status: "done", updated_at: "2026-11-02T08:00:00Z" }),
  makeTask({ id: "new", status: "cancelled", updated_at: "2026-11-03T08:00:00Z" }),
  makeTask({ id: "trashed", deleted_at: "2026-11-03T08:00:00Z" }),
];
const replica = new ExampleReplica({ ...HARBOUR, tasks: TASKS });

function ids(done: boolean): string[][] {
  return listSources(replica, done).map((rows) => rows.map(({ id }) => id));
}

it("searches open tasks in manual order", () => {
  expect(ids(false)).toEqual([["first", "second"]]);
});

it("searches closed tasks after them, the latest first", () => {
  expect(ids(true)[1]).toEqual(["new", "old"]);
});

it("fits a name with all words of the query", () => {
  expect(fits("Allotment association", parseSearch("ass allot"))).toBe(true);
});

it("does not fit a name with some words of the query", () => {
  expect(fits("Allotment association", parseSearch("allot garden"))).toBe(false);
});

it("does not fit a name with an excluded word", () => {
  expect(fits("Allotment association", parseSearch("allot -association"))).toBe(false);
});
