/**
 * The fields `repeat_…` of a task after an edit. The port of `services/tasks/repeats/fields.py`, for
 * the visible state until the server has answered, and to check an edit before it is sent.
 */
import { convertPosition, type SetDue, startPosition } from "./recurrence/conversion.ts";
import { checkRule, checkUntil, type RuleProblem } from "./recurrence/validation.ts";
import type { TaskRow } from "./rows.ts";

/** The fields of an edit that repeating depends on. A field that is absent does not change. */
export type RepeatEdit = Partial<
  Pick<TaskRow, "due_date" | "due_time_zone" | "repeat_rule" | "repeat_mode" | "repeat_except">
>;

type RepeatFields = Pick<
  TaskRow,
  "repeat_rule" | "repeat_mode" | "repeat_except" | "repeat_start" | "repeat_at" | "repeat_gone"
>;

const SOURCES = [
  "due_date",
  "due_time_zone",
  "repeat_rule",
  "repeat_mode",
  "repeat_except",
] as const;
const NO_REPEAT: RepeatFields = {
  repeat_rule: null,
  repeat_mode: "schedule",
  repeat_except: [],
  repeat_start: null,
  repeat_at: null,
  repeat_gone: 0,
};

/**
 * Check the repeat fields of an edit.
 *
 * @param old - the current row; null for a new task.
 * @returns null if they are valid; `repeat_without_date` for a rule without a due date; otherwise
 *   the problem of the rule.
 */
export function checkRepeat(
  edit: RepeatEdit,
  old: TaskRow | null,
): RuleProblem | { readonly code: "repeat_without_date" } | null {
  const { rule, due } = getNew(edit, old);
  if (rule === null) return null;
  if (due === null) return { code: "repeat_without_date" };
  if (isRestart(edit, old)) return checkRule(rule, due.due_date, due.due_time_zone);
  // The due date only moves the current occurrence, so it need not match the rule.
  return checkUntil(rule, due.due_date, due.due_time_zone);
}

/**
 * Return the repeat fields that a valid edit sets.
 *
 * A new rule counts from the due date, and so does the same rule if it is sent with another due
 * date. If only the due date changes, the current occurrence is moved, and the following ones are
 * not affected. If its kind or its time zone changes, the series is converted.
 *
 * @param old - the current row; null for a new task.
 */
export function makeRepeatFields(edit: RepeatEdit, old: TaskRow | null): Partial<RepeatFields> {
  if (old !== null && SOURCES.every((name) => edit[name] === undefined)) return {};
  const { rule, due } = getNew(edit, old);
  if (rule === null || due === null) {
    return old === null || old.repeat_rule !== null ? NO_REPEAT : {};
  }
  const fields = {
    repeat_rule: rule,
    repeat_mode: edit.repeat_mode ?? old?.repeat_mode ?? "schedule",
    repeat_except: [...new Set(edit.repeat_except ?? old?.repeat_except ?? [])].sort(),
  };
  if (old === null || isRestart(edit, old) || old.due_date === null) {
    const { start, at } = startPosition(due);
    return { ...fields, repeat_start: start, repeat_at: at, repeat_gone: 0 };
  }
  const before = { due_date: old.due_date, due_time_zone: old.due_time_zone };
  const position = {
    start: old.repeat_start ?? old.due_date,
    at: old.repeat_at ?? startPosition(before).at,
  };
  const { start, at } = convertPosition(position, before, due);
  return { ...fields, repeat_start: start, repeat_at: at };
}

/** Return the rule and the due date after an edit. A task without a due date has no zone. */
function getNew(
  edit: RepeatEdit,
  old: TaskRow | null,
): { rule: string | null; due: SetDue | null } {
  const choose = <Name extends "repeat_rule" | "due_date" | "due_time_zone">(name: Name) =>
    edit[name] === undefined ? (old?.[name] ?? null) : edit[name];
  const due_date = choose("due_date");
  const due = due_date === null ? null : { due_date, due_time_zone: choose("due_time_zone") };
  return { rule: choose("repeat_rule"), due };
}

/** Return whether an edit starts a series: a new rule, or a rule with another due date. */
function isRestart(edit: RepeatEdit, old: TaskRow | null): boolean {
  if (old === null || old.repeat_rule === null) return true;
  if (edit.repeat_rule === undefined || edit.repeat_rule === null) return false;
  const isMoved = edit.due_date !== undefined && edit.due_date !== old.due_date;
  // Rules are case-insensitive.
  return isMoved || edit.repeat_rule.toUpperCase() !== old.repeat_rule.toUpperCase();
}
