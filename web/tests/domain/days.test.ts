import { describe, expect, test } from "vitest";
import {
  addDays,
  addMonths,
  addWeeks,
  countDays,
  fromDayNumber,
  getWeekday,
  getWeekStart,
  isDay,
  listMonthWeeks,
  listWeek,
  makeDay,
  toDayNumber,
} from "../../src/domain/days.ts";
import { makeRandom } from "../random.ts";

describe("isDay", () => {
  test.each(["2026-12-01", "2024-02-29", "0001-01-01", "9999-12-31", "2000-02-29"])(
    "%s exists",
    (text) => {
      expect(isDay(text)).toBe(true);
    },
  );

  test.each([
    ...["", "2026-12", "2026-12-1", "26-12-01", "2026-12-01T09:00", "2026-13-01", "2026-00-10"],
    ...["2026-12-00", "2026-11-31", "2026-02-29", "1900-02-29", "0000-01-01", "2026-12-01\n"],
  ])("%j does not exist", (text) => {
    expect(isDay(text)).toBe(false);
  });
});

describe("day numbers", () => {
  test.each([
    ["1970-01-01", 0],
    ["1969-12-31", -1],
    ["2000-03-01", 11_017],
    ["2026-11-25", 20_782],
    ["0001-01-01", -719_162],
    ["9999-12-31", 2_932_896],
  ])("%s is day %d", (day, number) => {
    expect(toDayNumber(day)).toBe(number);
    expect(fromDayNumber(number)).toBe(day);
  });

  test("agree with the calendar of Date", () => {
    const random = makeRandom(1);
    for (let round = 0; round < 2000; round++) {
      const number = random.integer(-719_162, 2_932_896);
      const day = new Date(number * 86_400_000).toISOString().slice(-24).slice(0, 10);
      expect([fromDayNumber(number), toDayNumber(day)]).toEqual([day, number]);
    }
  });

  test.each([-719_163, 2_932_897, Number.NaN])("%d is out of range", (number) => {
    expect(() => fromDayNumber(number)).toThrow(RangeError);
  });
});

test("a day that does not exist is not made", () => {
  expect([makeDay(2027, 2, 28), makeDay(2027, 2, 29), makeDay(10_000, 1, 1)]).toEqual([
    "2027-02-28",
    null,
    null,
  ]);
});

test("days and weeks are added across months and years", () => {
  expect([addDays("2026-12-31", 1), addDays("2024-03-01", -1), addWeeks("2026-12-28", 1)]).toEqual([
    "2027-01-01",
    "2024-02-29",
    "2027-01-04",
  ]);
});

test.each([
  ["2026-01-31", 1, "2026-02-28"],
  ["2024-02-29", 12, "2025-02-28"],
  ["2026-11-30", 3, "2027-02-28"],
  ["2026-01-15", -1, "2025-12-15"],
  ["2026-03-31", -13, "2025-02-28"],
])("%s plus %d months is %s", (day, months, expected) => {
  expect(addMonths(day, months)).toBe(expected);
});

test("a month after the year 9999 is an error", () => {
  expect(() => addMonths("9999-12-01", 1)).toThrow(RangeError);
});

test("days are counted from the first to the second", () => {
  expect(countDays("2026-11-25", "2026-12-01")).toBe(6);
  expect(countDays("2026-12-01", "2026-11-25")).toBe(-6);
});

test.each([
  ["1970-01-01", 3],
  ["2026-11-25", 2],
  ["2026-11-29", 6],
  ["0001-01-01", 0],
])("the weekday of %s is %d", (day, weekday) => {
  expect(getWeekday(day)).toBe(weekday);
});

test.each([
  [0, "2026-11-23"],
  [6, "2026-11-22"],
  [5, "2026-11-21"],
  [2, "2026-11-25"],
  [3, "2026-11-19"],
] as const)("a week that begins on weekday %d begins on %s", (first, start) => {
  expect(getWeekStart("2026-11-25", first)).toBe(start);
});

test("a week has seven days", () => {
  expect(listWeek("2026-12-31", 0)).toEqual([
    ...["2026-12-28", "2026-12-29", "2026-12-30", "2026-12-31"],
    ...["2027-01-01", "2027-01-02", "2027-01-03"],
  ]);
});

test.each([
  ["2026-11-15", 0, 6, "2026-10-26", "2026-12-06"],
  ["2026-11-15", 6, 5, "2026-11-01", "2026-12-05"],
  ["2027-02-01", 0, 4, "2027-02-01", "2027-02-28"],
] as const)("the month of %s from weekday %d has %d weeks", (day, first, count, start, end) => {
  const weeks = listMonthWeeks(day, first);
  expect([weeks.length, weeks[0]?.[0], weeks.at(-1)?.[6]]).toEqual([count, start, end]);
});
