import { expect, it } from "vitest";
import { findNext, splitToday } from "../../../src/features/tasklist/today.ts";
import { makeTask } from "../../example/replica.ts";

const TODAY = "2026-11-26";
const ZONE = "Europe/Berlin";

function titles(rows: readonly { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}

it("shows overdue tasks with the oldest first", () => {
  const rows = [
    makeTask({ id: "yesterday", due_date: "2026-11-25" }),
    makeTask({ id: "monday", due_date: "2026-11-23" }),
  ];
  expect(titles(splitToday(rows, TODAY, ZONE).overdue)).toEqual(["monday", "yesterday"]);
});

it("shows the tasks of today by time, and those without a time after them", () => {
  const rows = [
    makeTask({ id: "whole day", due_date: TODAY }),
    makeTask({ id: "late", due_date: `${TODAY}T17:30:00` }),
    makeTask({ id: "early", due_date: `${TODAY}T09:00:00` }),
  ];
  expect(titles(splitToday(rows, TODAY, ZONE).today)).toEqual(["early", "late", "whole day"]);
});

it("keeps the manual order of tasks at the same time", () => {
  const rows = [
    makeTask({ id: "one", due_date: TODAY, position: "b" }),
    makeTask({ id: "two", due_date: TODAY, position: "a" }),
  ];
  expect(titles(splitToday(rows, TODAY, ZONE).today)).toEqual(["two", "one"]);
});

it("reads an instant in the person's zone", () => {
  const rows = [makeTask({ id: "night", due_date: "2026-11-25T23:30:00Z" })];
  expect(titles(splitToday(rows, TODAY, ZONE).today)).toEqual(["night"]);
});

it("leaves out later tasks and those without a date", () => {
  const rows = [makeTask({ id: "later", due_date: "2026-11-27" }), makeTask({ id: "none" })];
  expect(splitToday(rows, TODAY, ZONE)).toEqual({ overdue: [], today: [] });
});

it("finds the task that is due next", () => {
  const rows = [
    makeTask({ id: "today", due_date: TODAY }),
    makeTask({ id: "next month", due_date: "2026-12-26" }),
    makeTask({ id: "tomorrow", due_date: "2026-11-27T10:00:00" }),
  ];
  expect(findNext(rows, TODAY, ZONE)?.id).toBe("tomorrow");
});
