import { describe, expect, test } from "vitest";
import {
  getDay,
  getDayStart,
  getOffset,
  isZone,
  toInstant,
  toLocal,
} from "../../src/domain/zones.ts";
import { makeRandom } from "../random.ts";

const HOUR = 3_600_000;
const NAMES = [
  ...["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"],
  ...["Pacific/Apia", "America/St_Johns", "Africa/Casablanca", "UTC"],
];

function at(text: string): number {
  return Date.parse(`${text}Z`);
}

function write(instant: number): string {
  return new Date(instant).toISOString().slice(0, 19);
}

test.each(["Mars/Olympus_Mons", "", "+01:00"])("%j is no time zone", (name) => {
  expect(isZone(name)).toBe(false);
  expect(() => getOffset(0, name)).toThrow(RangeError);
});

test.each([
  ["Europe/Berlin", "2026-07-01T00:00:00", 2],
  ["Europe/Berlin", "2026-12-01T00:00:00", 1],
  ["Asia/Kathmandu", "2026-12-01T00:00:00", 5.75],
  ["America/St_Johns", "2026-12-01T00:00:00", -3.5],
  ["UTC", "2026-12-01T00:00:00", 0],
])("the offset of %s at %s is %d hours", (zone, time, hours) => {
  expect(getOffset(at(time), zone)).toBe(hours * HOUR);
});

test("an old offset has seconds", () => {
  expect(getOffset(at("1971-01-01T00:00:00"), "Africa/Monrovia")).toBe(-(44 * 60 + 30) * 1000);
});

test("an offset changes at the exact second", () => {
  const change = at("2026-10-25T01:00:00");
  expect(getOffset(change - 1, "Europe/Berlin")).toBe(2 * HOUR);
  expect(getOffset(change, "Europe/Berlin")).toBe(HOUR);
});

test("offsets agree with the local time that Intl writes", () => {
  const random = makeRandom(2);
  for (const zone of NAMES) {
    const format = new Intl.DateTimeFormat("sv-SE", {
      ...{ timeZone: zone, dateStyle: "short", timeStyle: "medium" },
    });
    for (let round = 0; round < 200; round++) {
      const instant = random.integer(at("1975-01-01"), at("2037-12-31"));
      expect(write(toLocal(instant, zone))).toBe(format.format(instant).replace(" ", "T"));
    }
  }
});

describe("toInstant", () => {
  test.each([
    ["Europe/Berlin", "2026-12-01T09:00:00", "2026-12-01T08:00:00"],
    // The local time does not occur: the offset before the change is used.
    ["America/New_York", "2027-03-14T02:30:00", "2027-03-14T07:30:00"],
    ["Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:45:00"],
    // The local time occurs twice: the first one is used.
    ["America/New_York", "2027-11-07T01:30:00", "2027-11-07T05:30:00"],
    ["Australia/Lord_Howe", "2027-04-04T01:45:00", "2027-04-03T14:45:00"],
    // The day does not occur.
    ["Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T22:00:00"],
  ])("in %s, %s is %s in UTC", (zone, local, expected) => {
    expect(write(toInstant(at(local), zone))).toBe(expected);
  });

  test("is the inverse of toLocal for times that occur once", () => {
    const random = makeRandom(3);
    for (let round = 0; round < 2000; round++) {
      const zone = random.choose(NAMES);
      const instant = random.integer(at("1975-01-01"), at("2037-12-31"));
      const found = toInstant(toLocal(instant, zone), zone);
      expect(toLocal(found, zone)).toBe(toLocal(instant, zone));
      expect(found).toBeLessThanOrEqual(instant);
    }
  });
});

test("the day of an instant depends on the zone", () => {
  const instant = at("2026-11-25T23:30:00");
  expect([getDay(instant, "Europe/Berlin"), getDay(instant, "America/New_York")]).toEqual([
    "2026-11-26",
    "2026-11-25",
  ]);
});

test.each([
  ["Europe/Berlin", "2026-12-01", "2026-11-30T23:00:00"],
  // Midnight does not occur.
  ["America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00"],
  // Midnight occurs twice.
  ["America/Havana", "2026-11-01", "2026-11-01T04:00:00"],
])("in %s, %s begins at %s", (zone, day, expected) => {
  expect(write(getDayStart(day, zone))).toBe(expected);
});

test("ten thousand instants of two years need a few hundred calls of Intl", () => {
  const prototype = Intl.DateTimeFormat.prototype;
  const original = Object.getOwnPropertyDescriptor(prototype, "format") ?? {};
  let calls = 0;
  const get = function (this: Intl.DateTimeFormat) {
    calls++;
    return original.get?.call(this);
  };
  Object.defineProperty(prototype, "format", { ...original, get });
  const random = makeRandom(4);
  const [first, last] = [at("2026-01-01T00:00:00"), at("2027-12-31T00:00:00")];
  for (let row = 0; row < 10_000; row++) getDay(random.integer(first, last), "America/Chicago");
  Object.defineProperty(prototype, "format", original);
  expect(calls).toBeGreaterThan(100);
  expect(calls).toBeLessThan(500);
});
