import { expect, test } from "vitest";
import { findDue, makeNow } from "../../src/domain/due.ts";
import { getDayLabel, getDueLabel } from "../../src/domain/dueLabels.ts";

test.each([
  ["2026-12-26", "date"],
  ["2026-12-27", "yesterday"],
  ["2026-12-28", "today"],
  ["2026-12-29", "tomorrow"],
  ["2026-12-30", "weekday"],
  ["2027-01-03", "weekday"],
  ["2027-01-04", "date_year"],
  ["2025-12-28", "date_year"],
  ["2026-01-01", "date"],
])("the label of %s is %s", (day, code) => {
  expect(getDayLabel(day, "2026-12-28").code).toBe(code);
});

test("a label has the day, the weekday and the time of the person", () => {
  const now = makeNow(Date.parse("2026-11-25T22:30:00Z"), "Europe/Berlin");
  const due = findDue("2026-11-25T18:15:00", "America/New_York");
  expect(due && getDueLabel(due, now)).toEqual({
    ...{ code: "tomorrow", day: "2026-11-26", weekday: 3, time: "00:15", isOver: false },
  });
});

test("a date has no time", () => {
  const now = makeNow(Date.parse("2026-11-25T22:30:00Z"), "Europe/Berlin");
  const due = findDue("2026-11-24", null);
  expect(due && getDueLabel(due, now)).toEqual({
    ...{ code: "yesterday", day: "2026-11-24", weekday: 1, time: null, isOver: true },
  });
});
