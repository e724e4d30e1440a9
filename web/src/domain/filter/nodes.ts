/**
 * The tree of a filter. Its leaves are conditions on a task. The port of `nodes.py`.
 *
 * A condition on a missing value is false, and its negation is true.
 */

export type DateField = "due" | "created" | "updated" | "completed";
export type NumberField = "priority" | "number";
export type NameField = "status" | "category" | "tag" | "assignee" | "parent";
export type TextField = "text" | "title" | "description";
export type Comparison = "=" | "<" | "<=" | ">" | ">=" | "between";
export type MomentKind = "fixed" | "hours" | "days" | "months" | "weekday" | "week" | "month";

/** A point in time or a day, as written in a filter. It may depend on the current time. */
export interface Moment {
  /**
   * `fixed`: the date or date-time in `text`. `hours`, `days` and `months`: a distance from now or
   * today. `weekday`: the next such day after today. `week` and `month`: a period, relative to the
   * current one.
   */
  readonly kind: MomentKind;
  /** The distance; for a weekday, its number from 0 for Monday. */
  readonly amount: number;
  /** The date or date-time of the kind `fixed`, otherwise empty. */
  readonly text: string;
}

/** A resolved moment. */
export interface Point {
  /** A date or a date-time as a person in the time zone of the filter writes it. */
  readonly local: string;
  /**
   * The same, but in UTC if the moment is some hours from now. A local time can occur twice when
   * clocks are turned back. Tasks are compared with it.
   */
  readonly exact: string;
}

/** The position of a condition in the text: indexes of the string, the end is excluded. */
interface Placed {
  readonly start: number;
  readonly end: number;
}

/**
 * A comparison of a date or time with a day, a point in time or a period. A day is a time range:
 * `<` means before it begins, and `>` after it has ended.
 */
export interface DateCondition extends Placed {
  readonly type: "date";
  readonly field: DateField;
  /** `<=` and `>=` with a period mean its end and its start. */
  readonly comparison: Comparison;
  /** Two moments for `between` (both are included), otherwise one. */
  readonly moments: readonly Moment[];
}

/** A resolved {@link DateCondition}. It contains no period and no relative time. */
export interface PointCondition extends Placed {
  readonly type: "point";
  readonly field: DateField;
  readonly comparison: Comparison;
  readonly points: readonly Point[];
}

/** A comparison of a number with one or more integers. */
export interface NumberCondition extends Placed {
  readonly type: "number";
  readonly field: NumberField;
  readonly comparison: Comparison;
  /** For `=`, the matching numbers; two for `between` (both are included), otherwise one. */
  readonly values: readonly number[];
}

/** A task has one of these statuses, categories, tags, assignees or parents. */
export interface NameCondition extends Placed {
  readonly type: "name";
  readonly field: NameField;
  /** An assignee is a user id, a name or an e-mail address. A parent is a task number or an id. */
  readonly values: readonly string[];
  /** Whether an assignee may also be the person who uses the app. */
  readonly includesMe: boolean;
}

/** A task contains a word or a phrase. */
export interface TextCondition extends Placed {
  readonly type: "text";
  /** `text` is title and description. */
  readonly field: TextField;
  readonly text: string;
  /** Whether the last word is a prefix. */
  readonly isPrefix: boolean;
}

/** A condition without a value, such as `is:open` and `has:due`. */
export interface FlagCondition extends Placed {
  readonly type: "flag";
  readonly field: "is" | "has";
  readonly word: string;
}

export type Condition =
  | DateCondition
  | PointCondition
  | NumberCondition
  | NameCondition
  | TextCondition
  | FlagCondition;

/** All parts are true. Without parts, it is true. */
export interface AllOf {
  readonly type: "and";
  readonly parts: readonly Node[];
}

/** At least one part is true. */
export interface AnyOf {
  readonly type: "or";
  readonly parts: readonly Node[];
}

/** The part is false. */
export interface Not {
  readonly type: "not";
  readonly part: Node;
}

export type Node = Condition | AllOf | AnyOf | Not;

/** A part of the text of a filter, for highlighting. */
export interface Span {
  /** `operator`, `parenthesis`, or for a condition, the name of its field. */
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

/** Yield the conditions of a tree, in the order of the text. */
export function* listConditions(node: Node): Generator<Condition> {
  if (node.type === "and" || node.type === "or") {
    for (const part of node.parts) yield* listConditions(part);
  } else if (node.type === "not") {
    yield* listConditions(node.part);
  } else {
    yield node;
  }
}

/** Return whether a tree contains `is:trashed`. Tasks in the trash are then not excluded. */
export function mentionsTrash(node: Node): boolean {
  return [...listConditions(node)].some(
    (condition) => condition.type === "flag" && condition.word === "trashed",
  );
}
