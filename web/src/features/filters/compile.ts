/** Filters in the replica: from a text to a test of rows, errors and warnings. */
import { makeNow } from "../../domain/due.ts";
import type { FilterContext } from "../../domain/filter/context.ts";
import type { FilterProblem } from "../../domain/filter/errors.ts";
import { compileFilter, type Test } from "../../domain/filter/evaluate.ts";
import { type Piece, splitPieces } from "../../domain/filter/highlight.ts";
import { type FilterWarning, listWarnings } from "../../domain/filter/names.ts";
import { listConditions, mentionsTrash, type Node } from "../../domain/filter/nodes.ts";
import { parseFilter } from "../../domain/filter/parser.ts";
import type { App } from "../app.ts";
import type { ListFilter } from "../lists/model.ts";
import { listOpen } from "../rows.ts";

export interface ReadFilter {
  /** Null if the text has an error, or no condition. */
  readonly filter: ListFilter | null;
  /** Whether tasks in the trash may match. */
  readonly mentionsTrash: boolean;
  readonly problem: FilterProblem | null;
  readonly warnings: readonly FilterWarning[];
  /** The text in pieces, for highlighting. */
  readonly pieces: readonly Piece[];
}

/** 0 is Monday: the first day of `week`, as on the server. */
const FIRST_WEEKDAY = 0;

/** Read a filter for the workspace and the present day. Reads signals. */
export function readFilter(app: App, text: string): ReadFilter {
  const parsed = parseFilter(text);
  const { node, error } = parsed;
  if (error !== null) {
    const pieces = splitPieces(text, parsed, []);
    return { filter: null, mentionsTrash: false, problem: error, warnings: [], pieces };
  }
  const context = makeContext(app);
  const isEmpty = node.type === "and" && node.parts.length === 0;
  const test: Test = compileFilter(node, context);
  const warnings = listWarnings(node, context);
  return {
    filter: isEmpty ? null : { test, showsClosed: mentionsState(node) },
    mentionsTrash: mentionsTrash(node),
    problem: null,
    warnings,
    pieces: splitPieces(text, parsed, warnings),
  };
}

/** The number of open tasks that a filter finds; 0 for a text with an error. */
export function countFound(app: App, text: string): number {
  const { filter } = readFilter(app, text);
  return filter === null ? 0 : listOpen(app.replica).filter(filter.test).length;
}

/** Whether a filter says which states it wants. Otherwise a list shows done tasks apart. */
function mentionsState(node: Node): boolean {
  return [...listConditions(node)].some((condition) => {
    if (condition.type === "flag") {
      return condition.field === "is" && ["open", "done", "cancelled"].includes(condition.word);
    }
    return (
      (condition.type === "name" && condition.field === "status") ||
      (condition.type === "date" && condition.field === "completed")
    );
  });
}

function makeContext({ replica, clock }: App): FilterContext {
  // At midnight the days of the filter change.
  clock.today.value;
  const { id: me, email, time_zone } = replica.person;
  return {
    now: makeNow(clock.now(), time_zone),
    firstWeekday: FIRST_WEEKDAY,
    me,
    categories: replica.categories.value,
    tags: replica.tags.value,
    // The addresses of other members are not in the replica.
    members: replica.members.value.map((member) =>
      member.id === me ? { ...member, email } : member,
    ),
    findByNumber: (number) => replica.findByNumber(number),
    hasTask: (task) => replica.task(task) !== undefined,
    hasSubtasks: (task) => replica.count("parent", task) > 0,
    listCompletions: (task) =>
      replica
        .occurrences(task)
        .filter(({ outcome }) => outcome === "done")
        .map(({ ended_at }) => ended_at),
  };
}
