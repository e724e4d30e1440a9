/**
 * What completing a task, or skipping an occurrence, does to rows. The port of
 * `services/tasks/repeats/endings.py` and `services/tasks/subtasks`, for the visible state until the
 * server has answered.
 *
 * A repeating task stays one row. The ended occurrence is a row of its own, the due date advances,
 * and the sub-tasks start again with the next occurrence.
 */
import { countDays } from "./days.ts";
import { findDue } from "./due.ts";
import { shiftDue } from "./dueChanges.ts";
import type { Occurrence, Series } from "./recurrence/occurrence.ts";
import { RuleError } from "./recurrence/rules.ts";
import { completeOccurrence, skipOccurrence } from "./recurrence/series.ts";
import type { OccurrenceRow, TaskRow } from "./rows.ts";

export type Outcome = OccurrenceRow["outcome"];

/** What happens to the open sub-tasks of a task that is completed. */
export type SubtaskChoice = "complete" | "keep" | "refuse";

/** The time, the person, and the rows around a task. */
export interface CompletionContext {
  /** The instant of the write, in RFC 3339 and UTC. */
  readonly at: string;
  /** The time zone of the person. */
  readonly zone: string;
  /** The id of the person. */
  readonly personId: string;
  /** Return the direct sub-tasks of a task, live and trashed. */
  listChildren(id: string): readonly TaskRow[];
  /** Return a new id, for the row of an occurrence. */
  makeId(): string;
}

/** The changed fields of tasks by id, and the new rows of occurrences. */
export interface Completion {
  readonly tasks: ReadonlyMap<string, Partial<TaskRow>>;
  readonly occurrences: readonly OccurrenceRow[];
}

/** The completion, or why there is none. */
export type CompletionResult =
  | { readonly completion: Completion; readonly problem: null }
  | {
      readonly completion: null;
      /**
       * `open_subtasks`: there are open sub-tasks, and the choice is to refuse. `not_repeating`: a
       * task without an occurrence was skipped. `bad_rule`: the rule cannot be evaluated here.
       */
      readonly problem: "open_subtasks" | "not_repeating" | "bad_rule";
      /** The ids of the open sub-tasks, parents first. */
      readonly openIds: readonly string[];
    };

interface Draft {
  readonly tasks: Map<string, Partial<TaskRow>>;
  readonly occurrences: OccurrenceRow[];
}

/**
 * Complete a task, or its current occurrence if it repeats. A done task does not change.
 *
 * @param choice - what happens to open sub-tasks. If the task continues with another occurrence,
 *   `complete` does nothing: they start again.
 */
export function completeTask(
  task: TaskRow,
  choice: SubtaskChoice,
  context: CompletionContext,
): CompletionResult {
  return guardRules(() => {
    const draft: Draft = { tasks: new Map(), occurrences: [] };
    if (task.status === "done") return succeed(draft);
    const openIds = choice === "keep" ? [] : listOpenBelow(task, context);
    if (choice === "refuse" && openIds.length > 0) {
      const ids = openIds.map((row) => row.id);
      return { completion: null, problem: "open_subtasks", openIds: ids };
    }
    const continues = end(task, "done", context, draft);
    if (!continues) for (const row of openIds) end(row, "done", context, draft);
    return succeed(draft);
  });
}

/** Skip the current occurrence of an open repeating task. */
export function skipTask(task: TaskRow, context: CompletionContext): CompletionResult {
  if (!isOpen(task) || task.repeat_rule === null) return fail("not_repeating");
  return guardRules(() => {
    const draft: Draft = { tasks: new Map(), occurrences: [] };
    end(task, "skipped", context, draft);
    return succeed(draft);
  });
}

/**
 * Return the changed fields of a repeating task alone after its occurrence has ended.
 *
 * @param at - the instant of the write, in RFC 3339.
 * @param zone - the time zone of the person.
 * @returns null if the task does not repeat, or the rule cannot be evaluated here.
 */
export function endOccurrence(
  task: TaskRow,
  outcome: Outcome,
  at: string,
  zone: string,
): Partial<TaskRow> | null {
  const series = makeSeries(task);
  if (series === null) return null;
  try {
    return makeFields(task, findFollowing(series, outcome, at, zone), at);
  } catch (error) {
    if (error instanceof RuleError || error instanceof RangeError) return null;
    throw error;
  }
}

/** Return the series of a repeating task; null if it does not repeat. */
export function makeSeries(task: TaskRow): Series | null {
  const { repeat_rule, repeat_start, repeat_at, due_date } = task;
  if (repeat_rule === null || due_date === null) return null;
  return {
    rule: repeat_rule,
    mode: task.repeat_mode,
    start: repeat_start ?? due_date,
    dueDate: due_date,
    dueTimeZone: task.due_time_zone,
    at: repeat_at ?? due_date,
    gone: task.repeat_gone,
    exceptions: task.repeat_except,
  };
}

/** Write the end of a task or its occurrence. Return whether it continues with another one. */
function end(task: TaskRow, outcome: Outcome, context: CompletionContext, draft: Draft): boolean {
  const { at, zone } = context;
  const series = isOpen(task) ? makeSeries(task) : null;
  if (series === null) {
    draft.tasks.set(task.id, makeFields(task, null, at));
    return false;
  }
  const following = findFollowing(series, outcome, at, zone);
  draft.tasks.set(task.id, makeFields(task, following, at));
  draft.occurrences.push({
    id: context.makeId(),
    task_id: task.id,
    occurrence: series.at,
    due_date: series.dueDate,
    due_time_zone: series.dueTimeZone,
    outcome,
    ended_at: at,
    ended_by: context.personId,
    revision: 0,
    deleted_at: null,
  });
  if (following === null) return false;
  // The due date itself may have been moved, but the sub-tasks were not moved with it.
  const days = countDays(series.at.slice(0, 10), following.at.slice(0, 10));
  restartBelow(task.id, days, context, draft);
  return true;
}

function findFollowing(
  series: Series,
  outcome: Outcome,
  at: string,
  zone: string,
): Occurrence | null {
  if (outcome === "skipped") return skipOccurrence(series, zone);
  return completeOccurrence(series, Date.parse(at), zone);
}

function makeFields(task: TaskRow, following: Occurrence | null, at: string): Partial<TaskRow> {
  if (following === null) {
    // The clock of this device may be behind the one that set the time of creation.
    const isEarlier = Date.parse(at) < Date.parse(task.created_at);
    return { status: "done", completed_at: isEarlier ? task.created_at : at, updated_at: at };
  }
  return {
    status: "todo",
    completed_at: null,
    due_date: following.dueDate,
    repeat_at: following.at,
    repeat_gone: following.gone,
    updated_at: at,
  };
}

/**
 * Reopen completed sub-tasks, and shift their due dates by as many days as the occurrence.
 *
 * Sub-tasks that repeat, were cancelled or are in the trash do not change. The sub-tasks below a
 * repeating or trashed one do not change either.
 */
function restartBelow(id: string, days: number, context: CompletionContext, draft: Draft): void {
  const pending = [id];
  for (let parent = pending.pop(); parent !== undefined; parent = pending.pop()) {
    for (const row of context.listChildren(parent)) {
      if (row.deleted_at !== null || row.repeat_rule !== null) continue;
      const fields = makeRestart(row, days);
      if (Object.keys(fields).length > 0) {
        draft.tasks.set(row.id, { ...fields, updated_at: context.at });
      }
      pending.push(row.id);
    }
  }
}

function makeRestart(row: TaskRow, days: number): Partial<TaskRow> {
  if (row.status === "cancelled") return {};
  const due_date = row.due_date === null ? null : shift(row.due_date, days, row.due_time_zone);
  return {
    ...(row.status === "done" && { status: "todo", completed_at: null }),
    ...(due_date !== row.due_date && { due_date }),
  };
}

/** Shift a due date. If the result is out of range, it stays the same. */
function shift(text: string, days: number, zone: string | null): string {
  try {
    const shifted = shiftDue(text, days, zone);
    return findDue(shifted, zone) === null ? text : shifted;
  } catch (error) {
    if (error instanceof RangeError) return text;
    throw error;
  }
}

/**
 * Return the open sub-tasks on all levels, parents before their children. The sub-tasks of an open
 * repeating sub-task are left out: they belong to its occurrences.
 */
function listOpenBelow(task: TaskRow, context: CompletionContext): TaskRow[] {
  const found: TaskRow[] = [];
  const visit = (id: string) => {
    for (const row of context.listChildren(id)) {
      if (row.deleted_at !== null) continue;
      if (isOpen(row)) found.push(row);
      if (row.repeat_rule === null || !isOpen(row)) visit(row.id);
    }
  };
  visit(task.id);
  return found;
}

function isOpen({ status }: TaskRow): boolean {
  return status === "todo" || status === "in_progress";
}

function succeed(completion: Completion): CompletionResult {
  return { completion, problem: null };
}

function fail(problem: "not_repeating" | "bad_rule"): CompletionResult {
  return { completion: null, problem, openIds: [] };
}

/** A rule of a newer server, or one that was imported, may be unknown here. */
function guardRules(complete: () => CompletionResult): CompletionResult {
  try {
    return complete();
  } catch (error) {
    if (error instanceof RuleError || error instanceof RangeError) return fail("bad_rule");
    throw error;
  }
}
