import { expect, it } from "vitest";
import { getDayRows, listDays, splitUpcoming } from "../../../src/features/upcoming/days.ts";
import { makeTask } from "../../example/replica.ts";

const TODAY = "2026-11-26";
const ZONE = "Europe/Berlin";

function idsOf(rows: readonly { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}

it("puts late tasks into the overdue group, the oldest first", () => {
  const rows = [
    makeTask({ id: "yesterday", due_date: "2026-11-25" }),
    makeTask({ id: "monday", due_date: "2026-11-23" }),
  ];
  expect(idsOf(splitUpcoming(rows, TODAY, ZONE).overdue)).toEqual(["monday", "yesterday"]);
});

it("sorts the tasks of a day by time", () => {
  const rows = [
    makeTask({ id: "whole day", due_date: "2026-12-01" }),
    makeTask({ id: "noon", due_date: "2026-12-01T12:00:00" }),
    makeTask({ id: "nine", due_date: "2026-12-01T09:00:00" }),
  ];
  const split = splitUpcoming(rows, TODAY, ZONE);
  expect(idsOf(getDayRows(split, "2026-12-01"))).toEqual(["nine", "noon", "whole day"]);
});

it.each([
  ["Europe/Berlin", "2026-12-01"],
  ["America/New_York", "2026-11-30"],
  ["Asia/Tokyo", "2026-12-01"],
])("puts an instant on the day of the person in %s", (zone, day) => {
  const split = splitUpcoming(
    [makeTask({ id: "a", due_date: "2026-12-01T00:30:00Z" })],
    TODAY,
    zone,
  );
  expect(idsOf(getDayRows(split, day))).toEqual(["a"]);
});

it("leaves out tasks without a date", () => {
  const split = splitUpcoming([makeTask({ id: "none" })], TODAY, ZONE);
  expect([split.overdue.length, split.days.size]).toEqual([0, 0]);
});

it("lists days across the end of a month", () => {
  expect(listDays("2026-11-29", 3)).toEqual(["2026-11-29", "2026-11-30", "2026-12-01"]);
});

it("ends with the calendar", () => {
  expect(listDays("9999-12-30", 365)).toEqual(["9999-12-30", "9999-12-31"]);
});
