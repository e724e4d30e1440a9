/**
 * Evaluation of filters on rows, with the results of the server. A filter is compiled once to a
 * function: names become sets of ids, and days become ranges of milliseconds.
 */
import { DAY_MS, toDayNumber } from "../days.ts";
import type { Now } from "../due.ts";
import type { TaskRow } from "../rows.ts";
import { getRowWords } from "../rowWords.ts";
import { isAscii, joinWords, MAX_WORD_LENGTH, splitWords } from "../text.ts";
import type { FilterContext } from "./context.ts";
import { type FindIds, listIds, makeFindIds } from "./names.ts";
import {
  type Comparison,
  type FlagCondition,
  mentionsTrash,
  type NameCondition,
  type Node,
  type NumberCondition,
  type PointCondition,
  type TextCondition,
} from "./nodes.ts";
import { resolveFilter } from "./resolution.ts";
import { makeTimeRange, readTime } from "./times.ts";

/** Returns whether a task matches. */
export type Test = (task: TaskRow) => boolean;

interface Compiler {
  readonly context: FilterContext;
  readonly findIds: FindIds;
}

/**
 * Compile a filter. Tasks in the trash match only if the filter mentions `is:trashed`.
 *
 * @param node - the tree of the parser. Relative times are resolved for `context.now`.
 */
export function compileFilter(node: Node, context: FilterContext): Test {
  const compiler = { context, findIds: makeFindIds(context) };
  const test = compileNode(resolveFilter(node, context.now, context.firstWeekday), compiler);
  if (mentionsTrash(node)) return test;
  return (task) => task.deleted_at === null && test(task);
}

function compileNode(node: Node, compiler: Compiler): Test {
  switch (node.type) {
    case "and": {
      const tests = node.parts.map((part) => compileNode(part, compiler));
      return (task) => tests.every((test) => test(task));
    }
    case "or": {
      const tests = node.parts.map((part) => compileNode(part, compiler));
      return (task) => tests.some((test) => test(task));
    }
    case "not": {
      const test = compileNode(node.part, compiler);
      return (task) => !test(task);
    }
    case "point":
      return compilePoints(node, compiler);
    case "number":
      return compileNumbers(node);
    case "name":
      return compileNames(node, compiler);
    case "text":
      return compileText(node);
    case "flag":
      return compileFlag(node, compiler);
    case "date":
      throw new TypeError("The filter is not resolved.");
  }
}

function compilePoints(condition: PointCondition, compiler: Compiler): Test {
  const { context } = compiler;
  const ranges = condition.points.map((point) => makeTimeRange(point.exact, context.now.zone));
  const [first, last] = [ranges[0], ranges.at(-1)];
  if (first === undefined || last === undefined) throw new TypeError("A condition has a point.");
  const exact = makeRangeTest(condition.comparison, first.start, first.end, last.end);
  const local = makeRangeTest(
    condition.comparison,
    first.localStart,
    first.localEnd,
    last.localEnd,
  );
  const test = (text: string | null, zone: string | null) => {
    const time = text === null ? null : readTime(text, zone);
    return time !== null && (time.kind === "instant" ? exact(time.at) : local(time.at));
  };
  switch (condition.field) {
    case "due":
      return (task) => test(task.due_date, task.due_time_zone);
    case "created":
      return (task) => test(task.created_at, null);
    case "updated":
      return (task) => test(task.updated_at, null);
    case "completed":
      return (task) =>
        test(task.completed_at, null) ||
        context.listCompletions(task.id).some((endedAt) => test(endedAt, null));
  }
}

function makeRangeTest(
  comparison: Comparison,
  start: number,
  end: number,
  lastEnd: number,
): (time: number) => boolean {
  switch (comparison) {
    case "<":
      return (time) => time < start;
    case "<=":
      return (time) => time < end;
    case ">":
      return (time) => time >= end;
    case ">=":
      return (time) => time >= start;
    default:
      return (time) => time >= start && time < lastEnd;
  }
}

function compileNumbers({ field, comparison, values }: NumberCondition): Test {
  const [first = 0, last = first] = values;
  const test = (number: number) => {
    switch (comparison) {
      case "=":
        return values.includes(number);
      case "between":
        return number >= first && number <= last;
      case "<":
        return number < first;
      case "<=":
        return number <= first;
      case ">":
        return number > first;
      case ">=":
        return number >= first;
    }
  };
  if (field === "priority") return (task) => test(task.priority);
  return (task) => task.number !== null && test(task.number);
}

function compileNames(condition: NameCondition, compiler: Compiler): Test {
  const ids = new Set(listIds(condition, compiler.context, compiler.findIds));
  switch (condition.field) {
    case "status":
      return (task) => ids.has(task.status);
    case "category":
      return (task) => task.category_id !== null && ids.has(task.category_id);
    case "tag":
      return (task) => task.tag_ids.some((id) => ids.has(id));
    case "assignee":
      return (task) => task.assignee !== null && ids.has(task.assignee);
    case "parent":
      return (task) => task.parent !== null && ids.has(task.parent);
  }
}

function compileText({ field, text, isPrefix }: TextCondition): Test {
  const words = splitWords(text);
  if (words.length === 0) return () => false;
  const searched = ` ${words.join(" ")}${isPrefix ? "" : " "}`;
  const ascii = makeAsciiTest(words, isPrefix);
  const isIn = (task: TaskRow, name: "title" | "description") =>
    isAscii(task[name]) ? ascii(task[name]) : getRowWords(task, name).includes(searched);
  if (field !== "text") return (task) => isIn(task, field);
  return (task) => isIn(task, "title") || isIn(task, "description");
}

/** Return the search of words in ASCII text, which need not be split into words for it. */
function makeAsciiTest(words: readonly string[], isPrefix: boolean): (text: string) => boolean {
  if (!words.every(isAscii)) return () => false;
  if (words.some((word) => word.length >= MAX_WORD_LENGTH)) {
    const searched = ` ${words.join(" ")}${isPrefix ? "" : " "}`;
    return (text) => joinWords(text).includes(searched);
  }
  const end = isPrefix ? "" : "(?![a-z0-9])";
  const pattern = new RegExp(`(?<![a-z0-9])${words.join("[^a-z0-9]+")}${end}`, "i");
  return (text) => pattern.test(text);
}

function compileFlag({ field, word }: FlagCondition, compiler: Compiler): Test {
  const { context } = compiler;
  const test = field === "is" ? makeIsTest(word, compiler) : null;
  if (test !== null) return test;
  const readDue = (task: TaskRow) =>
    task.due_date === null ? null : readTime(task.due_date, task.due_time_zone);
  switch (word) {
    case "due":
      return (task) => readDue(task) !== null;
    case "time":
      return (task) => (readDue(task)?.kind ?? "date") !== "date";
    case "category":
      return (task) => task.category_id !== null;
    case "tag":
      return (task) => task.tag_ids.length > 0;
    case "parent":
      return (task) => task.parent !== null;
    case "assignee":
      return (task) => task.assignee !== null;
    case "subtasks":
      return (task) => context.hasSubtasks(task.id);
    case "repeat":
      return (task) => task.repeat_rule !== null;
    case "description":
      return (task) => task.description !== "";
    default:
      // There are no reminders yet.
      return () => false;
  }
}

function makeIsTest(word: string, compiler: Compiler): Test | null {
  switch (word) {
    case "overdue":
      return makeOverdueTest(compiler.context.now);
    case "open":
      return isOpen;
    case "done":
    case "cancelled":
      return (task) => task.status === word;
    case "repeating":
      return (task) => task.repeat_rule !== null;
    case "trashed":
      return (task) => task.deleted_at !== null;
    case "subtask":
      return (task) => task.parent !== null;
    default:
      return null;
  }
}

function isOpen(task: TaskRow): boolean {
  return task.status === "todo" || task.status === "in_progress";
}

function makeOverdueTest(now: Now): Test {
  const limits = {
    date: toDayNumber(now.today) * DAY_MS,
    floating: now.local,
    instant: now.instant,
  };
  return (task) => {
    if (task.due_date === null || !isOpen(task)) return false;
    const due = readTime(task.due_date, task.due_time_zone);
    return due !== null && due.at < limits[due.kind];
  };
}
