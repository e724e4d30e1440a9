import { beforeEach, expect, it } from "vitest";
import { parseSearch, searchAll } from "../../../src/domain/search.ts";
import type { App } from "../../../src/features/app.ts";
import { startClock } from "../../../src/features/clock.ts";
import { listItems } from "../../../src/features/palette/items.tsx";
import { openedQuickAdd } from "../../../src/features/quickadd/state.ts";
import type { ListContext } from "../../../src/features/tasklist/commands.ts";
import { shownList } from "../../../src/features/tasklist/order.ts";
import { createListState } from "../../../src/features/tasklist/state.ts";
import en from "../../../src/i18n/en.json";
import { useCatalogue } from "../../../src/i18n/translate.ts";
import { HARBOUR, NOW } from "../../example/harbour.ts";
import { NO_SERVER } from "../../example/http.ts";
import { ExampleReplica } from "../../example/replica.ts";

const replica = new ExampleReplica(HARBOUR);
const clock = startClock("Europe/Berlin", { now: () => NOW, after: () => () => {} });
const app: App = { replica, clock, http: NO_SERVER, signOut: async () => {} };

function list(text: string) {
  const query = parseSearch(text);
  const found = searchAll(query, HARBOUR.tasks, [], { limit: 6 });
  return listItems(app, text, query, found);
}

function labels(text: string, group: string): string[] {
  return list(text)
    .filter((item) => item.group === group)
    .map(({ label }) => label);
}

beforeEach(() => {
  useCatalogue("en", en);
  shownList.value = null;
});

it("offers the pages before anything is typed", () => {
  expect(labels("", "goTo").slice(0, 4)).toEqual(["Today", "Inbox", "Search", "Trash"]);
});

it("finds tasks by the words of their title", () => {
  expect(labels("plants", "tasks")).toEqual(["Water the plants"]);
});

it("shows the due date and the category of a task", () => {
  const [task] = list("plants");
  expect(task?.end).toBe("Today · Garden");
});

it("finds categories and tags", () => {
  expect(labels("phone", "goTo")).toEqual(["phone"]);
});

it("puts places that begin with the text first", () => {
  expect(labels("er", "goTo")).toEqual(["errand", "Paperwork"]);
});

it("finds actions of the app", () => {
  expect(labels("compact", "actions")[0]).toBe("Compact rows");
});

it("offers no actions on tasks where no list is shown", () => {
  expect(labels("due today", "actions")).toEqual([
    "Search for “due today”",
    "Add the task “due today”",
  ]);
});

it("offers actions on the active task of the list", () => {
  const state = createListState();
  state.active.value = "task-f";
  const find = () => null;
  const context: ListContext = {
    app,
    state,
    order: [],
    lines: [],
    find,
    ordered: false,
    addDefaults: () => ({}),
  };
  shownList.value = context;
  expect(labels("due tomorrow", "actions")[0]).toBe("Due tomorrow");
});

it("opens quick add with the text", () => {
  list("Call Sam")
    .find(({ id }) => id === "add")
    ?.run();
  expect(openedQuickAdd.value?.text).toBe("Call Sam");
});
