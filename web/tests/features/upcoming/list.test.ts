import { beforeAll, beforeEach, expect, it } from "vitest";
import { openedQuickAdd } from "../../../src/features/quickadd/state.ts";
import { toggleDone } from "../../../src/features/tasklist/edits.ts";
import { release } from "../../../src/features/tasklist/kept.ts";
import { createUpcoming } from "../../../src/features/upcoming/UpcomingList.tsx";
import en from "../../../src/i18n/en.json";
import { useCatalogue } from "../../../src/i18n/translate.ts";
import { ADA } from "../../example/harbour.ts";
import { makeTask } from "../../example/replica.ts";
import { makeApp } from "./app.ts";

const TASKS = [
  makeTask({ id: "late", due_date: "2026-11-24" }),
  makeTask({ id: "today", due_date: "2026-11-26" }),
  makeTask({ id: "saturday", due_date: "2026-11-28T10:00:00" }),
];

beforeAll(() => useCatalogue("en", en));
beforeEach(() => release());

function list() {
  const app = makeApp(TASKS);
  return { app, entries: createUpcoming(app, () => {}).entries };
}

it("shows the overdue group, then every day", () => {
  const { entries } = list();
  expect(entries.value.slice(0, 7).map(({ key }) => key)).toEqual([
    "overdue",
    "late",
    "day 2026-11-26",
    "today",
    "day 2026-11-27",
    "day 2026-11-28",
    "saturday",
  ]);
});

it("names today", () => {
  const day = list().entries.value.find(({ key }) => key === "day 2026-11-26");
  expect(day).toMatchObject({ label: "Today · Thursday 26 November", count: 1 });
});

it("shows a day without tasks without a number", () => {
  const day = list().entries.value.find(({ key }) => key === "day 2026-11-27");
  expect(day).toMatchObject({ count: undefined });
});

it("adds a task on the day of the heading", () => {
  const day = list().entries.value.find(({ key }) => key === "day 2026-12-03");
  if (day?.kind === "group") day.add?.run();
  expect(openedQuickAdd.value?.day).toBe("2026-12-03");
});

it("keeps a completed task on its day", async () => {
  const { app, entries } = list();
  await toggleDone(app.replica, ["saturday"]);
  expect(entries.value.map(({ key }) => key)).toContain("saturday");
});

it("moves a task to the day it is given", async () => {
  const { app, entries } = list();
  await app.replica.write([
    { kind: "task", action: "update", id: "late", set: { due_date: "2026-11-27" } },
  ]);
  expect(entries.value.slice(0, 4).map(({ key }) => key)).toEqual([
    "day 2026-11-26",
    "today",
    "day 2026-11-27",
    "late",
  ]);
});

it("shows a viewer no control that changes tasks", () => {
  const { app, entries } = list();
  app.replica.members.value = [{ id: ADA.id, name: ADA.name, role: "viewer", revision: 1 }];
  const groups = entries.value.filter(({ kind }) => kind === "group");
  expect(groups.some((group) => "add" in group || "action" in group)).toBe(false);
});
