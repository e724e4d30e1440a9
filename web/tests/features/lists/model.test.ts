import { computed, signal } from "@preact/signals";
import { beforeEach, expect, it } from "vitest";
import type { TaskRow } from "../../../src/domain/rows.ts";
import type { App } from "../../../src/features/app.ts";
import { startClock } from "../../../src/features/clock.ts";
import { createListModel, type ListFilter } from "../../../src/features/lists/model.ts";
import { DEFAULT_OPTIONS, type ListOptions } from "../../../src/features/lists/options.ts";
import { keep, release } from "../../../src/features/tasklist/kept.ts";
import { createListState } from "../../../src/features/tasklist/state.ts";
import en from "../../../src/i18n/en.json";
import { useCatalogue } from "../../../src/i18n/translate.ts";
import { HARBOUR, NOW } from "../../example/harbour.ts";
import { NO_SERVER } from "../../example/http.ts";
import { ExampleReplica, makeTask } from "../../example/replica.ts";

const clock = startClock("Europe/Berlin", { now: () => NOW, after: () => () => {} });

const TASKS = [
  makeTask({ id: "b", position: "a", title: "Beans", priority: 2 }),
  makeTask({ id: "a", position: "b", title: "Apples", priority: 4 }),
  makeTask({ id: "d", position: "c", title: "Done", status: "done" }),
];

function open(options: Partial<ListOptions> = {}, filter: ListFilter | null = null, tasks = TASKS) {
  const replica = new ExampleReplica({ ...HARBOUR, tasks });
  const app: App = { replica, clock, http: NO_SERVER, signOut: async () => {} };
  const model = createListModel(app, createListState(), {
    rows: computed((): readonly TaskRow[] => [...replica.rows.value.values()]),
    options: signal({ ...DEFAULT_OPTIONS, ...options }),
    filter: signal(filter),
  });
  const keys = () => model.entries.value.map(({ key }) => key);
  return { replica, model, keys };
}

beforeEach(() => {
  useCatalogue("en", en);
  release();
});

it("shows open tasks in manual order, with the done ones folded", () => {
  expect(open().keys()).toEqual(["b", "a", "done"]);
});

it("counts open tasks", () => {
  expect(open().model.count.value).toBe(2);
});

it("sorts by the chosen order", () => {
  expect(open({ sort: "title" }).keys()).toEqual(["a", "b", "done"]);
});

it("shows the manual order for a sort order that it does not know", () => {
  expect(open({ sort: "moon" }).keys()).toEqual(["b", "a", "done"]);
});

it("shows headings for groups", () => {
  expect(open({ group: "priority" }).keys()).toEqual(["group 2", "b", "group 4", "a", "done"]);
});

it("hides the tasks of a closed group", () => {
  const { model, keys } = open({ group: "priority" });
  const [first] = model.entries.value;
  if (first?.kind === "group") first.fold?.toggle();
  expect(keys()).toEqual(["group 2", "group 4", "a", "done"]);
});

it("opens the done tasks", () => {
  const { model, keys } = open();
  const last = model.entries.value.at(-1);
  if (last?.kind === "fold") last.toggle();
  expect(keys()).toEqual(["b", "a", "done", "d"]);
});

it("shows the tasks of a filter", () => {
  const filter = { test: (row: TaskRow) => row.priority === 4, showsClosed: false };
  expect(open({}, filter).keys()).toEqual(["a"]);
});

it("shows done tasks among the others if the filter names a state", () => {
  const filter = { test: (row: TaskRow) => row.status === "done", showsClosed: true };
  expect(open({}, filter).keys()).toEqual(["d"]);
});

it("keeps a task that was completed, although the filter wants open ones", async () => {
  const filter = { test: (row: TaskRow) => row.status === "todo", showsClosed: true };
  const { replica, keys } = open({}, filter);
  keep(TASKS.slice(0, 1));
  await replica.write([{ kind: "task", action: "update", id: "b", set: { status: "done" } }]);
  expect(keys()).toEqual(["b", "a"]);
});
