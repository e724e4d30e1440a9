/** Several pasted lines become tasks: one per line, with sub-tasks by indentation. */

/** A line that becomes a task. */
export interface PastedTask {
  /** The line without its list mark, its checkbox, and white space at its ends. Never empty. */
  readonly title: string;
  /** Whether the line has a checked box, such as `[x]`. */
  readonly isDone: boolean;
  /** 0 for a task, 1 for a sub-task, and so on. */
  readonly level: number;
  /** The index of the task that this one is a sub-task of; null at level 0. */
  readonly parent: number | null;
}

interface Line {
  /** The width of the indentation, in columns. */
  readonly indent: number;
  readonly title: string;
  readonly isDone: boolean;
}

/** A task that deeper lines may belong to. */
interface Ancestor {
  readonly indent: number;
  readonly index: number;
}

const LINE_END = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
const INDENT = /^[\s\u200b\ufeff]*/;
/** Marks of lists, as Markdown and text processors write them, before white space. */
const BULLET = /^(?:[-*+•◦▪‣·–—○●]|[0-9]{1,3}[.)])(?:\s+|$)/;
const CHECKBOX = /^(?:\[([ xX✓✔]?)\]|([☐□☑☒✓✔✅]))(?:\s+|$)/;
const CHECKED = /[xX✓✔☑☒✅]/;
/** Control characters, which titles must not have. */
const CONTROL = /\p{Cc}+/gu;
const TAB_WIDTH = 4;

/** Return whether a pasted text has several lines, so that it may become several tasks. */
export function hasSeveralLines(text: string): boolean {
  return text.split(LINE_END).filter((line) => line.trim() !== "").length > 1;
}

/**
 * Return the tasks of a pasted text, in its order. Lines without a title are dropped.
 *
 * A line that is indented deeper than the one before is its sub-task. The width of an indentation
 * does not matter, and the indentation of the whole text neither.
 *
 * @param maxLevel - the deepest level; deeper lines get this level.
 */
export function parsePaste(text: string, maxLevel = Number.POSITIVE_INFINITY): PastedTask[] {
  const tasks: PastedTask[] = [];
  let ancestors: readonly Ancestor[] = [];
  for (const { indent, title, isDone } of readLines(text)) {
    const above = ancestors.filter((each) => each.indent < indent);
    const level = Math.min(above.length, maxLevel);
    const parent = level === 0 ? null : (above[level - 1]?.index ?? null);
    ancestors = [...above, { indent, index: tasks.length }];
    tasks.push({ title, isDone, level, parent });
  }
  return tasks;
}

function readLines(text: string): Line[] {
  return text
    .split(LINE_END)
    .map(readLine)
    .filter((line) => line.title !== "");
}

function readLine(line: string): Line {
  const space = INDENT.exec(line)?.[0] ?? "";
  const [withoutBullet] = cut(line.slice(space.length), BULLET);
  const [rest, box] = cut(withoutBullet, CHECKBOX);
  return {
    indent: measure(space),
    title: rest.replace(CONTROL, " ").trim(),
    isDone: CHECKED.test(box),
  };
}

/** Return the text after a match at its start, and the match. */
function cut(text: string, pattern: RegExp): [rest: string, match: string] {
  const match = pattern.exec(text)?.[0] ?? "";
  return [text.slice(match.length), match];
}

function measure(space: string): number {
  let width = 0;
  for (const character of space) {
    width = character === "\t" ? (Math.floor(width / TAB_WIDTH) + 1) * TAB_WIDTH : width + 1;
  }
  return width;
}
