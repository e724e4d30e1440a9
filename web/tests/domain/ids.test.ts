import { expect, test } from "vitest";
import { isId, makeIdSource } from "../../src/domain/ids.ts";

const NOW = Date.parse("2026-11-25T10:00:00Z");

test("an id is a UUIDv7 of the time", () => {
  const id = makeIdSource(() => NOW)();
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7000-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(id.slice(0, 13).replace("-", ""), 16)).toBe(NOW);
  expect(isId(id)).toBe(true);
});

test("ids increase within a millisecond, beyond the size of the counter", () => {
  const makeId = makeIdSource(() => NOW);
  const ids = Array.from({ length: 10_000 }, makeId);
  expect(ids).toEqual([...new Set(ids)].sort());
});

test("ids increase when the clock steps back", () => {
  const times = [NOW, NOW - 3_600_000, NOW + 1, NOW];
  const makeId = makeIdSource(() => times.shift() ?? NOW);
  const ids = Array.from({ length: 5 }, makeId);
  expect(ids).toEqual([...ids].sort());
});

test("two sources create different ids", () => {
  expect(makeIdSource(() => NOW)()).not.toBe(makeIdSource(() => NOW)());
});

test("all variants occur", () => {
  const makeId = makeIdSource(() => NOW);
  const variants = new Set(Array.from({ length: 500 }, () => makeId().charAt(19)));
  expect([...variants].sort().join("")).toBe("89ab");
});

test.each(["", "0193-7000", "019365F0-0000-7000-8000-000000000000", "x".repeat(36)])(
  "%j is no id",
  (text) => {
    expect(isId(text)).toBe(false);
  },
);
