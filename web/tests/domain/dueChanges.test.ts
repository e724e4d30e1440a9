import { expect, test } from "vitest";
import { addDays } from "../../src/domain/days.ts";
import { findDue, getDueDay, getDueTime } from "../../src/domain/due.ts";
import { moveDueToDay, shiftDue } from "../../src/domain/dueChanges.ts";
import { makeRandom } from "../random.ts";
import { readVectors } from "../vectors.ts";

interface Vector {
  id: number;
  due_date: string;
  due_time_zone: string | null;
  expect: { shifted: Record<string, string> } | null;
}

const BERLIN = "Europe/Berlin";
const NEW_YORK = "America/New_York";
const VECTORS = readVectors<Vector>("due-dates.jsonl").filter((vector) => vector.expect !== null);

test.each(VECTORS)("shifts of vector $id: $due_date $due_time_zone", (vector) => {
  const expected = vector.expect?.shifted ?? {};
  const found = Object.keys(expected).map((days) => [
    days,
    shiftDue(vector.due_date, Number(days), vector.due_time_zone),
  ]);
  expect(Object.fromEntries(found)).toEqual(expected);
});

test.each([
  ["tomorrow", 1, null],
  ["9999-12-31", 1, null],
  ["0001-01-01T00:00:00", -1, null],
  ["9999-12-31T12:00:00Z", 1, BERLIN],
  ["2026-12-01", 1e12, null],
])("a shift of %s by %d days is an error", (text, days, zone) => {
  expect(() => shiftDue(text, days, zone)).toThrow(RangeError);
});

test.each([
  ["a task without a due date", null, null, "2026-11-27"],
  ["a date", "2026-11-20", null, "2026-11-27"],
  ["a local time", "2026-11-20T09:00", null, "2026-11-27T09:00"],
  ["a local time with a zone", "2026-11-20T09:00:00", NEW_YORK, "2026-11-27T09:00:00"],
  ["an instant", "2026-11-20T09:00:00+01:00", null, "2026-11-27T09:00:00+01:00"],
  ["an instant in UTC", "2026-11-20T08:00:00Z", null, "2026-11-27T08:00:00Z"],
  [
    "an instant before a change of clocks",
    "2026-10-20T09:00:00+02:00",
    null,
    "2026-11-27T09:00:00+01:00",
  ],
  [
    "an instant in UTC before such a change",
    "2026-10-20T07:00:00.5Z",
    null,
    "2026-11-27T08:00:00.5Z",
  ],
  [
    "a time that is on the day before in its zone",
    "2026-11-19T19:00:00",
    NEW_YORK,
    "2026-11-26T19:00:00",
  ],
])("%s moves to a day", (_case, due_date, due_time_zone, expected) => {
  expect(moveDueToDay({ due_date, due_time_zone }, "2026-11-27", BERLIN)).toBe(expected);
});

test("a time that would be on the day before is moved to the day", () => {
  // Clocks in New York change on 14 March, those in Berlin on 28 March.
  const task = { due_date: "2027-03-10T18:30:00", due_time_zone: NEW_YORK };
  const moved = moveDueToDay(task, "2027-03-20", BERLIN);
  const due = findDue(moved, NEW_YORK);
  expect(due && [moved, getDueDay(due, BERLIN)]).toEqual(["2027-03-20T18:30:00", "2027-03-20"]);
});

test("a moved task is due on that day, at the same time for its person", () => {
  const random = makeRandom(5);
  for (let round = 0; round < 2000; round++) {
    const from = addDays("2026-01-01", random.integer(0, 700));
    const to = addDays("2026-01-01", random.integer(0, 700));
    // No zone has a change of clocks at these hours.
    const time = `T${random.choose(["09:00", "12:30:15", "20:59:59.25"])}`;
    const text = from + random.choose(["", time, `${time}Z`, `${time}+01:00`]);
    const zone = random.choose(["Europe/Berlin", "Europe/Lisbon", "Africa/Lagos"]);
    const moved = moveDueToDay({ due_date: text, due_time_zone: null }, to, zone);
    const [before, after] = [findDue(text, null), findDue(moved, null)];
    if (before === null || after === null) throw new Error(`${text} became ${moved}`);
    expect([getDueDay(after, zone), getDueTime(after, zone), after.kind]).toEqual([
      ...[to, getDueTime(before, zone), before.kind],
    ]);
  }
});
