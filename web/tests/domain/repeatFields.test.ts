import { expect, test } from "vitest";
import { checkRepeat, makeRepeatFields } from "../../src/domain/repeatFields.ts";
import { makeTask } from "./tasks.ts";

const OLD = makeTask({
  due_date: "2026-11-30",
  repeat_rule: "FREQ=WEEKLY",
  repeat_start: "2026-11-23",
  repeat_at: "2026-11-30",
  repeat_gone: 1,
});

test("a new rule counts from the due date", () => {
  expect(makeRepeatFields({ due_date: "2026-12-01", repeat_rule: "FREQ=DAILY" }, OLD)).toEqual({
    ...{ repeat_rule: "FREQ=DAILY", repeat_mode: "schedule", repeat_except: [], repeat_gone: 0 },
    ...{ repeat_start: "2026-12-01", repeat_at: "2026-12-01" },
  });
});

test.each([
  [{}, {}],
  [{ due_date: "2026-12-02" }, { repeat_start: "2026-11-23", repeat_at: "2026-11-30" }],
  [{ repeat_rule: "freq=weekly" }, { repeat_start: "2026-11-23", repeat_at: "2026-11-30" }],
  [
    { due_date: "2026-12-02T09:00" },
    { repeat_start: "2026-11-23T09:00:00", repeat_at: "2026-11-30T09:00:00" },
  ],
  [{ repeat_rule: null }, { repeat_rule: null, repeat_start: null, repeat_at: null }],
  [
    { repeat_except: ["2026-12-14", "2026-12-07"] },
    { repeat_except: ["2026-12-07", "2026-12-14"] },
  ],
])("fields after the edit %j", (edit, expected) => {
  expect(makeRepeatFields(edit, OLD)).toMatchObject(expected);
});

test("a change of the zone keeps the instants", () => {
  const old = {
    ...OLD,
    ...{ due_date: "2026-11-30T09:00:00", due_time_zone: "Europe/Berlin" },
    ...{ repeat_start: "2026-11-23T09:00:00", repeat_at: "2026-11-30T09:00:00" },
  };
  expect(makeRepeatFields({ due_time_zone: "America/New_York" }, old)).toMatchObject({
    ...{ repeat_start: "2026-11-23T03:00:00", repeat_at: "2026-11-30T03:00:00" },
  });
});

test.each([
  [{ due_date: null }, "repeat_without_date"],
  [{ repeat_rule: "FREQ=DAILY;UNTIL=20200101" }, "rule_never"],
  [{ repeat_rule: "daily" }, "invalid_rule"],
  [{ due_date: "2030-01-01" }, undefined],
  [{ due_date: null, repeat_rule: null }, undefined],
])("check of the edit %j", (edit, code) => {
  expect(checkRepeat(edit, OLD)?.code).toBe(code);
});
