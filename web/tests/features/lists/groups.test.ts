import { beforeEach, expect, it } from "vitest";
import { findDayGroup, groupTasks } from "../../../src/features/lists/groups.ts";
import type { Grouping } from "../../../src/features/lists/options.ts";
import en from "../../../src/i18n/en.json";
import { useCatalogue } from "../../../src/i18n/translate.ts";
import { makeTask } from "../../example/replica.ts";

/** A Thursday. */
const TODAY = "2026-11-26";
const CONTEXT = {
  today: TODAY,
  zone: "Europe/Berlin",
  categories: [
    { id: "home", name: "Home" },
    { id: "work", name: "Work" },
  ],
  tags: [
    { id: "errand", name: "errand" },
    { id: "phone", name: "phone" },
  ],
  members: [{ id: "ada", name: "Ada" }],
};

function group(by: Exclude<Grouping, "none">, ...rows: Parameters<typeof makeTask>[0][]) {
  const groups = groupTasks(rows.map(makeTask), by, CONTEXT);
  return groups.map(({ label, rows: inGroup }) => [label, ...inGroup.map(({ id }) => id)]);
}

beforeEach(() => useCatalogue("en", en));

it.each([
  ["2026-11-25", "overdue"],
  ["2026-11-26", "today"],
  ["2026-11-27", "tomorrow"],
  ["2026-11-29", "week"],
  ["2026-11-30", "later"],
  [null, "none"],
])("puts %s into the group %s", (day, expected) => {
  expect(findDayGroup(day, TODAY)).toBe(expected);
});

it("puts the Monday after a Sunday into tomorrow", () => {
  expect(findDayGroup("2026-11-30", "2026-11-29")).toBe("tomorrow");
});

it("groups by due date in the order of time", () => {
  const groups = group("due_date", { id: "a" }, { id: "b", due_date: TODAY });
  expect(groups).toEqual([
    ["Today", "b"],
    ["No date", "a"],
  ]);
});

it("keeps the order of the tasks within a group", () => {
  const groups = group("priority", { id: "b", priority: 1 }, { id: "a", priority: 1 });
  expect(groups).toEqual([["1 · Urgent", "b", "a"]]);
});

it("groups by category in the order of the categories", () => {
  const groups = group(
    "category",
    { id: "a" },
    { id: "b", category_id: "work" },
    { id: "c", category_id: "home" },
  );
  expect(groups).toEqual([
    ["Home", "c"],
    ["Work", "b"],
    ["No category", "a"],
  ]);
});

it("shows a task with two tags once, in the group of the first", () => {
  const groups = group("tag", { id: "a", tag_ids: ["phone", "errand"] }, { id: "b" });
  expect(groups).toEqual([
    ["@errand", "a"],
    ["No tag", "b"],
  ]);
});

it("groups by status", () => {
  const groups = group("status", { id: "a", status: "done" }, { id: "b", status: "in_progress" });
  expect(groups).toEqual([
    ["In progress", "b"],
    ["Done", "a"],
  ]);
});

it("groups by assignee, nobody last", () => {
  const groups = group("assignee", { id: "a" }, { id: "b", assignee: "ada" });
  expect(groups).toEqual([
    ["Ada", "b"],
    ["Nobody", "a"],
  ]);
});

it("shows tasks of a category that is not known yet", () => {
  expect(group("category", { id: "a", category_id: "new" })).toEqual([["Unknown", "a"]]);
});
