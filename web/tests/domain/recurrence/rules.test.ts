import { expect, test } from "vitest";
import { describeRule } from "../../../src/domain/recurrence/description.ts";
import { checkRule } from "../../../src/domain/recurrence/validation.ts";

test.each([
  ["FREQ=DAILY", null],
  ["freq=weekly;byday=mo", null],
  ["", { code: "invalid_rule", part: "" }],
  ["INTERVAL=2", { code: "invalid_rule", part: "FREQ" }],
  ["RRULE:FREQ=DAILY", { code: "invalid_rule", part: "" }],
  ["FREQ=HOURLY", { code: "rule_not_supported", part: "FREQ" }],
  ["FREQ=DAILY;BYHOUR=9", { code: "rule_not_supported", part: "BYHOUR" }],
  ["FREQ=DAILY;INTERVAL=0", { code: "invalid_rule", part: "INTERVAL" }],
  ["FREQ=DAILY;INTERVAL=1001", { code: "rule_not_supported", part: "INTERVAL" }],
  ["FREQ=DAILY;FREQ=DAILY", { code: "invalid_rule", part: "FREQ" }],
  ["FREQ=DAILY;COUNT=2;UNTIL=20261231", { code: "invalid_rule", part: "UNTIL" }],
  ["FREQ=DAILY;UNTIL=20260231", { code: "invalid_rule", part: "UNTIL" }],
  ["FREQ=DAILY;UNTIL=20261231T000000Z", { code: "invalid_rule", part: "UNTIL" }],
  ["FREQ=WEEKLY;BYMONTHDAY=1", { code: "invalid_rule", part: "BYMONTHDAY" }],
  ["FREQ=WEEKLY;BYDAY=1MO", { code: "invalid_rule", part: "BYDAY" }],
  ["FREQ=MONTHLY;BYDAY=XX", { code: "invalid_rule", part: "BYDAY" }],
  ["FREQ=MONTHLY;BYDAY=54MO", { code: "rule_not_supported", part: "BYDAY" }],
  ["FREQ=MONTHLY;BYMONTHDAY=32", { code: "rule_not_supported", part: "BYMONTHDAY" }],
  ["FREQ=MONTHLY;BYSETPOS=1", { code: "invalid_rule", part: "BYSETPOS" }],
  ["FREQ=YEARLY;BYMONTH=-1", { code: "rule_not_supported", part: "BYMONTH" }],
  ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", { code: "rule_never", part: "" }],
  ["FREQ=DAILY;UNTIL=20201231", { code: "rule_never", part: "" }],
  [`FREQ=MONTHLY;BYMONTHDAY=${"1,".repeat(50)}1`, { code: "rule_not_supported", part: "" }],
])("check of %s", (rule, expected) => {
  expect(checkRule(rule, "2026-11-26", null)).toEqual(expected);
});

test.each([
  ["FREQ=DAILY", { frequency: "DAILY", interval: 1, end: null }],
  [
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH,MO;UNTIL=20261231",
    {
      interval: 2,
      weekdays: [
        { weekday: 0, position: null },
        { weekday: 3, position: null },
      ],
      end: { type: "until", day: "2026-12-31", time: null },
    },
  ],
  ["FREQ=DAILY;COUNT=3", { end: { type: "count", count: 3 } }],
  [
    "FREQ=DAILY;UNTIL=20261231T230000Z",
    { end: { type: "until", day: "2027-01-01", time: "00:00" } },
  ],
  ["FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", { isWorkdays: true }],
  [
    "FREQ=MONTHLY;BYDAY=-1FR,2TU",
    {
      weekdays: [
        { weekday: 1, position: 2 },
        { weekday: 4, position: -1 },
      ],
    },
  ],
  [
    "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1",
    { monthDays: [31], isClamped: true, positions: [] },
  ],
  ["FREQ=MONTHLY;BYMONTHDAY=-1,15", { monthDays: [15, -1], isClamped: false }],
  ["FREQ=YEARLY;BYMONTH=12,2;BYMONTHDAY=1", { months: [2, 12] }],
  ["FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", { isWorkdays: true, positions: [-1] }],
])("description of %s", (rule, expected) => {
  expect(describeRule(rule, "Europe/Berlin", 0)).toMatchObject(expected);
});

test("weekdays are in the order of the week", () => {
  const { weekdays } = describeRule("FREQ=WEEKLY;BYDAY=MO,SU", "Europe/Berlin", 6);
  expect(weekdays.map(({ weekday }) => weekday)).toEqual([6, 0]);
});
