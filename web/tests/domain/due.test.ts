import { describe, expect, test } from "vitest";
import {
  compareDue,
  type Due,
  findDue,
  findDueDay,
  getDue,
  getDueDay,
  getDueTime,
  isOverdue,
  makeNow,
} from "../../src/domain/due.ts";
import { readVectors } from "../vectors.ts";

interface Vector {
  id: number;
  due_date: string;
  due_time_zone: string | null;
  now: string;
  expect: {
    kind: string;
    at: string;
    readers: Record<string, { day: string; time: string | null; overdue: boolean }>;
  } | null;
}

const VECTORS = readVectors<Vector>("due-dates.jsonl");
const VALID = VECTORS.filter((vector) => vector.expect !== null);

function read(text: string, zone: string | null = null): Due {
  const due = findDue(text, zone);
  if (due === null) throw new Error(`${text} is not a due date.`);
  return due;
}

/** The time for sorting, with microseconds. */
function writeAt(due: Due): string {
  return new Date(due.at).toISOString().replace("Z", `${String(due.micros).padStart(3, "0")}Z`);
}

test.each(VALID)("kind and time of vector $id: $due_date $due_time_zone", (vector) => {
  const due = read(vector.due_date, vector.due_time_zone);
  expect([due.kind, writeAt(due)]).toEqual([vector.expect?.kind, vector.expect?.at]);
});

test.each(VALID)("readers of vector $id: $due_date $due_time_zone", (vector) => {
  const due = read(vector.due_date, vector.due_time_zone);
  const found: Record<string, unknown> = {};
  for (const zone of Object.keys(vector.expect?.readers ?? {})) {
    const now = makeNow(Date.parse(vector.now), zone);
    const overdue = isOverdue({ ...vector, status: "todo" }, now);
    found[zone] = { day: getDueDay(due, zone), time: getDueTime(due, zone), overdue };
  }
  expect(found).toEqual(vector.expect?.readers);
});

test.each(VECTORS.filter((vector) => vector.expect === null))(
  "vector $id is invalid: $due_date",
  (vector) => {
    expect(findDue(vector.due_date, null)).toBeNull();
  },
);

test.each([
  ["0001-01-01", null, "0001-01-01T00:00:00.000001Z"],
  ["0001-01-01T00:00:00Z", null, "0001-01-01T00:00:00.000001Z"],
  ["0001-01-01T00:00:00", "Etc/GMT-14", "0001-01-01T00:00:00.000001Z"],
  ["9999-12-31T23:59:59.9999999", null, "9999-12-31T23:59:59.999998Z"],
  ["9999-12-31T23:59:59.999999", "Etc/GMT+12", "9999-12-31T23:59:59.999998Z"],
])("%s in %s is at a time that the server can store", (text, zone, expected) => {
  expect(writeAt(read(text, zone))).toBe(expected);
});

test("a day of a person after the year 9999 is the last day", () => {
  expect(getDueDay(read("9999-12-31T23:00:00Z"), "Asia/Tokyo")).toBe("9999-12-31");
});

test.each(["done", "cancelled"] as const)("a %s task is not overdue", (status) => {
  const now = makeNow(Date.parse("2026-11-25T10:00:00Z"), "Europe/Berlin");
  const task = { due_date: "2026-11-01", due_time_zone: null };
  expect([
    isOverdue({ ...task, status }, now),
    isOverdue({ ...task, status: "todo" }, now),
  ]).toEqual([false, true]);
});

test("a task without a due date has none", () => {
  expect(getDue({ due_date: null, due_time_zone: "Europe/Berlin" })).toBeNull();
});

test.each([
  [null, null, null],
  ["2026-12-01", null, "2026-12-01"],
  ["2026-12-01T23:30:00", null, "2026-12-01"],
  ["2026-12-01T23:30:00Z", null, "2026-12-02"],
  ["2026-12-01T19:00:00", "America/New_York", "2026-12-02"],
])("a task due at %s in %s is due on %s in Berlin", (due_date, due_time_zone, day) => {
  expect(findDueDay({ due_date, due_time_zone }, "Europe/Berlin")).toBe(day);
});

describe("compareDue", () => {
  test("sorts by the instant, and other kinds by the local time as if it were in UTC", () => {
    const texts = [
      ...["2026-12-01", "2026-12-01T00:00:00.000001", "2026-12-01T09:00:00+02:00"],
      ...["2026-12-01T07:30:00", "2026-12-01T08:00:00Z", "2026-12-01T08:30:00"],
    ];
    const shuffled = [5, 2, 0, 4, 1, 3].map((index) => read(texts[index] ?? ""));
    expect(shuffled.sort(compareDue).map((due) => due.text)).toEqual(texts);
  });

  test("two notations of one instant are equal", () => {
    const [one, other] = [read("2026-12-01T09:00+01:00"), read("2026-12-01T08:00:00.0Z")];
    expect(compareDue(one, other)).toBe(0);
  });
});
