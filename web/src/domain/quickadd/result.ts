/**
 * Result of quick add: the fields of the task, recognised spans, errors and warnings. The port of
 * `result.py`.
 */
import type { Day } from "../days.ts";
import type { Person } from "../rows.ts";

export type SpanKind =
  | "category"
  | "tag"
  | "assignee"
  | "priority"
  | "parent"
  | "reminder"
  | "due_date"
  | "repeat"
  | "description";

/**
 * The order of day and month in dates with slashes. Only with `dmy` (`3/12` is 3 December) and `mdy`
 * (12 March) such words are dates; with the others, they are text.
 */
export type DateOrder = Person["date_order"];

/** A recognised part of the text. Positions are indexes of the string, as in a selection. */
export interface Span {
  /** The field that the part sets. */
  readonly kind: SpanKind;
  readonly start: number;
  /** The position after the last character. */
  readonly end: number;
}

/**
 * Errors are `two_category`, `two_priority`, `two_assignee`, `two_parent`, `unclosed_quote`,
 * `no_title` and `reminder_without_date`. The others are warnings.
 */
export type IssueCode =
  | "two_category"
  | "two_priority"
  | "two_assignee"
  | "two_parent"
  | "unclosed_quote"
  | "no_title"
  | "reminder_without_date"
  | "no_such_day"
  | "repeat_never";

/** An error or a warning about a part of the text; positions as in {@link Span}. */
export interface Issue {
  readonly code: IssueCode;
  readonly start: number;
  readonly end: number;
}

/** The parsed text. A field that the text does not set is null or empty. */
export interface QuickAdd {
  title: string;
  description: string;
  /** A date or a local time. */
  due_date: string | null;
  /** The name of the category. */
  category: string | null;
  /** Names of tags in the order of the text, without duplicates. */
  tags: string[];
  priority: number | null;
  /** The name after `+`: `me`, or a name or e-mail address of a member. */
  assignee: string | null;
  /** The number of the parent task. */
  parent: number | null;
  /** A negative duration before the due time (`-PT30M`) or a time on the due day (`08:00`). */
  reminders: string[];
  /** A recurrence rule (RFC 5545, section 3.3.10) without the prefix `RRULE:`. */
  repeat_rule: string | null;
  /** `completion` if the rule counts from the completion. */
  repeat_mode: "completion" | null;
  /** Recognised parts in the order of the text. They do not overlap. */
  spans: Span[];
  /** Reasons why the task cannot be created, in the order of the text. */
  errors: Issue[];
  /** Parts that look like a date but are not, in the order of the text. */
  warnings: Issue[];
}

/** A recognised due date or repeat. Indexes count words. */
export type Phrase = UsablePhrase | UnusablePhrase;

export interface UsablePhrase {
  readonly issue: null;
  /** The index after the last word of the phrase. */
  readonly end: number;
  readonly day: Day;
  /** The time of day in minutes after midnight, if any. */
  readonly minutes: number | null;
  /** The recurrence rule, if the phrase is a repeat. */
  readonly rule: string | null;
  readonly countsFromCompletion: boolean;
}

/** A phrase about a day that does not exist, or a repeat that ends before it begins. */
export interface UnusablePhrase {
  readonly issue: "no_such_day" | "repeat_never";
  readonly end: number;
  /** The index of the first word that the warning is about. */
  readonly issueStart: number;
  /** The index after the last such word. */
  readonly issueEnd: number;
}
