import { describe, expect, it } from "vitest";
import {
  dayKey,
  findTarget,
  fitDay,
  listWeeks,
  moreKey,
  stepPeriod,
} from "../../../src/features/calendar/grid.ts";

const ROWS = ["a", "b", "c", "d", "e"].map((id) => ({ id }));

function ids(fitted: { shown: readonly { id: string }[] }): string[] {
  return fitted.shown.map(({ id }) => id);
}

describe("the days", () => {
  it("of a month begin with the first weekday of the person", () => {
    expect(listWeeks("month", "2026-11-26", 6)[0]?.[0]).toBe("2026-11-01");
  });

  it("of a month include the days around it", () => {
    const weeks = listWeeks("month", "2026-11-26", 0);
    expect([weeks[0]?.[0], weeks.at(-1)?.at(-1)]).toEqual(["2026-10-26", "2026-12-06"]);
  });

  it("of a week are seven", () => {
    expect(listWeeks("week", "2026-11-26", 0).flat()).toEqual([
      "2026-11-23",
      "2026-11-24",
      "2026-11-25",
      "2026-11-26",
      "2026-11-27",
      "2026-11-28",
      "2026-11-29",
    ]);
  });

  it("of the next month follow the last day of a short one", () => {
    expect(stepPeriod("month", "2027-01-31", 1)).toBe("2027-02-28");
  });

  it("of the previous week are seven days earlier", () => {
    expect(stepPeriod("week", "2026-11-26", -1)).toBe("2026-11-19");
  });
});

describe("a cell", () => {
  it("shows all tasks that fit", () => {
    expect(fitDay(ROWS.slice(0, 3), 3, null)).toEqual({ shown: ROWS.slice(0, 3), more: 0 });
  });

  it("leaves a line for the number of those that do not fit", () => {
    const fitted = fitDay(ROWS, 3, null);
    expect([ids(fitted), fitted.more]).toEqual([["a", "b"], 3]);
  });

  it("shows the task that has the focus", () => {
    expect(ids(fitDay(ROWS, 3, "d"))).toEqual(["a", "d"]);
  });
});

describe("the keys", () => {
  const day = "2026-11-26";
  const next = "2026-11-27";
  const lines = (of: string): string[] => {
    if (of === day) return [dayKey(day), "a", "b", moreKey(day)];
    return of === next ? [dayKey(next), "c"] : [dayKey(of)];
  };

  it("go down from a day to its first task", () => {
    expect(findTarget("down", { day, key: dayKey(day) }, lines)).toEqual({ day, key: "a" });
  });

  it("go down from the last line to the next week", () => {
    expect(findTarget("down", { day, key: moreKey(day) }, lines)).toEqual({
      day: "2026-12-03",
      key: dayKey("2026-12-03"),
    });
  });

  it("go up from a day to the week before", () => {
    expect(findTarget("up", { day, key: dayKey(day) }, lines).day).toBe("2026-11-19");
  });

  it("go right to the task at the same height", () => {
    expect(findTarget("right", { day, key: "a" }, lines)).toEqual({ day: next, key: "c" });
  });

  it("go right to the last line of a shorter day", () => {
    expect(findTarget("right", { day, key: "b" }, lines)).toEqual({ day: next, key: "c" });
  });

  it("go left to a day without tasks", () => {
    expect(findTarget("left", { day, key: "b" }, lines).key).toBe(dayKey("2026-11-25"));
  });
});
