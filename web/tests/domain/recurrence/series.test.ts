import { expect, test } from "vitest";
import type { Occurrence, Series } from "../../../src/domain/recurrence/occurrence.ts";
import {
  completeOccurrence,
  listNext,
  skipOccurrence,
} from "../../../src/domain/recurrence/series.ts";
import { checkRule } from "../../../src/domain/recurrence/validation.ts";
import type { RepeatMode } from "../../../src/domain/rows.ts";
import { readVectors } from "../../vectors.ts";

interface Vector {
  id: string;
  rule: string;
  due: string;
  now: string;
  profile_zone: string;
  mode?: RepeatMode;
  due_time_zone?: string | null;
  start?: string;
  at?: string;
  gone?: number;
  except?: string[];
  action?: "skip";
  expect: { due: string } | { end: true };
}

interface MoreVector extends Omit<Vector, "expect"> {
  check: string | null;
  expect: { due: string; at: string; gone: number } | { end: true };
  next: string[];
}

const BERLIN = "Europe/Berlin";

function makeSeries(vector: Omit<Vector, "expect">): Series {
  return {
    rule: vector.rule,
    mode: vector.mode ?? "schedule",
    start: vector.start ?? vector.due,
    dueDate: vector.due,
    dueTimeZone: vector.due_time_zone ?? null,
    at: vector.at ?? vector.due,
    gone: vector.gone ?? 0,
    exceptions: vector.except ?? [],
  };
}

function end(vector: Omit<Vector, "expect">): Occurrence | null {
  const series = makeSeries(vector);
  if (vector.action === "skip") return skipOccurrence(series, vector.profile_zone);
  return completeOccurrence(series, Date.parse(vector.now), vector.profile_zone);
}

test.each(readVectors<Vector>("recurrence.jsonl"))("$id: $note", (vector) => {
  const occurrence = end(vector);
  const found = occurrence === null ? { end: true } : { due: occurrence.dueDate };
  expect(found).toEqual(vector.expect);
});

const MORE = readVectors<MoreVector>("recurrence-more.jsonl");

test.each(MORE)("random series $id: $rule", (vector) => {
  const occurrence = end(vector);
  const found =
    occurrence === null
      ? { end: true }
      : { due: occurrence.dueDate, at: occurrence.at, gone: occurrence.gone };
  expect(found).toEqual(vector.expect);
});

test.each(MORE)("next occurrences of random series $id: $rule", (vector) => {
  const next = listNext(makeSeries(vector), Date.parse(vector.now), vector.profile_zone, 4);
  expect(next.map((occurrence) => occurrence.dueDate)).toEqual(vector.next);
});

test.each(MORE)("check of random rule $id: $rule", ({ rule, due, due_time_zone, check }) => {
  expect(checkRule(rule, due, due_time_zone ?? null)?.code ?? null).toBe(check);
});

test.each(["9999-12-31", "9999-12-31T09:00:00", "9999-12-31T09:00:00Z"])(
  "a series ends with the year 9999: %s",
  (due) => {
    const vector = { id: "", rule: "FREQ=DAILY", due, now: "", profile_zone: BERLIN };
    expect(end({ ...vector, action: "skip" })).toBeNull();
  },
);

test("a rule without an occurrence ends soon", () => {
  const rule = "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30";
  expect(
    end({ id: "", rule, due: "2026-11-26", now: "", profile_zone: BERLIN, action: "skip" }),
  ).toBeNull();
});
