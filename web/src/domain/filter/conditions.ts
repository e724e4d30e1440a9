/** Conditions of filters: checks the fields, operators and values of tokens. Port of `conditions.py`. */
import { FilterError, type FilterErrorReason, findSymbol } from "./errors.ts";
import { EXPECTED_MOMENTS, isPeriod, parseMoment } from "./moments.ts";
import type {
  Comparison,
  Condition,
  DateField,
  Moment,
  NameField,
  NumberField,
  TextField,
} from "./nodes.ts";
import type { Operator, Token, Value } from "./tokens.ts";

const DATE_FIELDS: readonly DateField[] = ["due", "created", "updated", "completed"];
const NUMBER_FIELDS: readonly NumberField[] = ["priority", "number"];
const NAME_FIELDS: readonly NameField[] = ["status", "category", "tag", "assignee", "parent"];
const TEXT_FIELDS: readonly TextField[] = ["text", "title", "description"];
const FLAG_FIELDS = ["is", "has", "no"] as const;

/** The names of the fields, for completion. */
export const FIELDS: readonly string[] = [
  ...DATE_FIELDS,
  ...NUMBER_FIELDS,
  ...NAME_FIELDS,
  ...TEXT_FIELDS,
  ...FLAG_FIELDS,
];
/** The values of `status:`. */
export const STATUSES: readonly string[] = ["todo", "in_progress", "done", "cancelled"];
/** The values of `is:`. */
export const IS_WORDS: readonly string[] = [
  ...["overdue", "open", "done", "cancelled", "repeating", "trashed", "subtask"],
];
/** The values of `has:` and `no:`. */
export const HAS_WORDS: readonly string[] = [
  ...["due", "time", "category", "tag", "parent", "assignee", "subtasks", "repeat"],
  ...["reminder", "description"],
];

const SIGNS = new Map([
  ["#", "category"],
  ["@", "tag"],
]);
const EQUALITY: readonly Operator[] = [":", "=", "!="];
const DAY_WORDS = ["today", "tomorrow", "yesterday"];
const PRIORITY = /^[pP]?([1-5])$/;
const NUMBER = /^[1-9][0-9]{0,17}$/;
const UUID = /^[0-9a-f]{8}(-?)(?:[0-9a-f]{4}\1){3}[0-9a-f]{12}$/i;

/** The kind of the span of a token, and its conditions. The token means any of them. */
export interface Conditions {
  readonly kind: string;
  readonly conditions: readonly Condition[];
}

/**
 * Return the conditions of a word, a phrase or a field. They are the opposite of the token if
 * {@link isNegated} is true.
 *
 * @throws FilterError: the field does not exist, or it does not have this operator or value.
 */
export function makeConditions(text: string, token: Token): Conditions {
  if (token.kind === "field") return makeFieldConditions(text, token);
  const value = token.values[0] ?? { text: "", isQuoted: false };
  if (token.kind === "word" && !token.isExcluded) {
    const keyword = findKeyword(value.text.toLowerCase(), token);
    if (keyword !== null) return keyword;
  }
  return { kind: "text", conditions: [makeText("text", value, token)] };
}

/** Return whether a token means that its conditions are false. */
export function isNegated(token: Token): boolean {
  return token.isExcluded || token.operator === "!=" || token.name.toLowerCase() === "no";
}

function place(token: Token) {
  return { start: token.start, end: token.end };
}

/** Return the condition of a word such as `today` and `p1`; null if it is no keyword. */
function findKeyword(word: string, token: Token): Conditions | null {
  if (word === "overdue") {
    return { kind: "is", conditions: [{ type: "flag", field: "is", word, ...place(token) }] };
  }
  const moment = DAY_WORDS.includes(word) ? parseMoment(word) : null;
  if (moment !== null) return { kind: "due", conditions: [makeDate("due", "=", [moment], token)] };
  if (word.startsWith("p") && PRIORITY.test(word)) {
    const values = [Number(word.slice(1))];
    const condition = { type: "number", field: "priority", comparison: "=", values } as const;
    return { kind: "priority", conditions: [{ ...condition, ...place(token) }] };
  }
  return null;
}

function makeFieldConditions(text: string, token: Token): Conditions {
  const name = SIGNS.get(token.name) ?? token.name.toLowerCase();
  const dateField = DATE_FIELDS.find((field) => field === name);
  if (dateField !== undefined) {
    return { kind: name, conditions: makeDates(text, token, dateField) };
  }
  const numberField = NUMBER_FIELDS.find((field) => field === name);
  if (numberField !== undefined) {
    return { kind: name, conditions: [makeNumbers(text, token, numberField)] };
  }
  const nameField = NAME_FIELDS.find((field) => field === name);
  if (nameField !== undefined) {
    checkOperator(token, EQUALITY);
    return { kind: name, conditions: [makeNames(text, token, nameField)] };
  }
  const textField = TEXT_FIELDS.find((field) => field === name);
  if (textField !== undefined) {
    checkOperator(token, EQUALITY);
    checkNotEmpty(text, token);
    const conditions = token.values.map((value) => makeText(textField, value, token));
    return { kind: name, conditions };
  }
  const flagField = FLAG_FIELDS.find((field) => field === name);
  if (flagField !== undefined) {
    checkOperator(token, [":"]);
    return { kind: name, conditions: [makeFlag(text, token, flagField)] };
  }
  const end = token.start + token.name.length;
  throw new FilterError("unknown_field", token.start, end, { expected: FIELDS, found: token.name });
}

function checkOperator(token: Token, expected: readonly Operator[]): void {
  if (expected.includes(token.operator)) return;
  const start = token.operatorStart;
  const details = { expected, found: token.name };
  throw new FilterError("bad_operator", start, start + token.operator.length, details);
}

function makeValueError(
  text: string,
  token: Token,
  reason: FilterErrorReason,
  expected: readonly string[] = [],
): FilterError {
  return new FilterError("bad_value", token.valuesStart, token.end, {
    reason,
    expected,
    found: text.slice(token.valuesStart, token.end),
    symbol: findSymbol(text.charAt(token.end)),
  });
}

function checkNotEmpty(text: string, token: Token): void {
  if (token.values.some((value) => value.text === "")) throw makeValueError(text, token, "empty");
}

function makeText(field: TextField, value: Value, token: Token): Condition {
  const isPrefix = !value.isQuoted && value.text.length > 1 && value.text.endsWith("*");
  const text = isPrefix ? value.text.slice(0, -1) : value.text;
  return { type: "text", field, text, isPrefix, ...place(token) };
}

function makeFlag(text: string, token: Token, field: "is" | "has" | "no"): Condition {
  const words = field === "is" ? IS_WORDS : HAS_WORDS;
  const word = token.values[0]?.text.toLowerCase() ?? "";
  if (token.values.length > 1 || !words.includes(word)) {
    throw makeValueError(text, token, "flag", words);
  }
  return { type: "flag", field: field === "is" ? "is" : "has", word, ...place(token) };
}

function makeNames(text: string, token: Token, field: NameField): Condition {
  checkNotEmpty(text, token);
  const names = field === "assignee" ? token.values.filter((value) => !isMe(value)) : token.values;
  const includesMe = names.length < token.values.length;
  const values = names.map((value) => (field === "status" ? value.text.toLowerCase() : value.text));
  if (field === "status" && !values.every((value) => STATUSES.includes(value))) {
    throw makeValueError(text, token, "status", STATUSES);
  }
  if (field === "parent" && !values.every((value) => NUMBER.test(value) || UUID.test(value))) {
    throw makeValueError(text, token, "parent");
  }
  return { type: "name", field, values, includesMe, ...place(token) };
}

/** Return whether a value is the keyword `me`. In quotation marks, it is a name. */
function isMe(value: Value): boolean {
  return !value.isQuoted && value.text.toLowerCase() === "me";
}

/**
 * Return the comparison of a number or a date, and its values. `2..4` becomes `between` with two
 * values, and `..4` becomes `<=`.
 */
function readComparison(text: string, token: Token): [Comparison, readonly string[]] {
  const { operator } = token;
  const values = token.values.map((value) => value.text);
  const first = values[0] ?? "";
  const at = values.length === 1 ? first.indexOf("..") : -1;
  if (operator === "<" || operator === "<=" || operator === ">" || operator === ">=") {
    if (at >= 0 || values.length > 1) throw makeValueError(text, token, "one_value");
    return [operator, values];
  }
  if (at < 0) return ["=", values];
  const [low, high] = [first.slice(0, at), first.slice(at + 2)];
  if (low !== "" && high !== "") return ["between", [low, high]];
  return high === "" ? [">=", [low]] : ["<=", [high]];
}

function makeNumbers(text: string, token: Token, field: NumberField): Condition {
  const [comparison, values] = readComparison(text, token);
  const numbers = values.map((value) => parseNumber(value, field));
  const found = numbers.filter((number) => number !== null);
  if (found.length < numbers.length) {
    if (field === "number") throw makeValueError(text, token, "number");
    throw makeValueError(text, token, "priority", ["1", "2", "3", "4", "5"]);
  }
  return { type: "number", field, comparison, values: found, ...place(token) };
}

function parseNumber(text: string, field: NumberField): number | null {
  if (field === "number") return NUMBER.test(text) ? Number(text) : null;
  const found = PRIORITY.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}

function makeDates(text: string, token: Token, field: DateField): Condition[] {
  const [comparison, values] = readComparison(text, token);
  const isQuoted = token.values.some((value) => value.isQuoted);
  const moments = values.map((value) => {
    const moment = parseMoment(value);
    if (moment === null) throw makeValueError(text, token, "day", EXPECTED_MOMENTS);
    if (moment.kind !== "fixed" && isQuoted) throw makeValueError(text, token, "quoted_day");
    if (isPeriod(moment) && !EQUALITY.includes(token.operator)) {
      throw makeValueError(text, token, "period");
    }
    return moment;
  });
  if (comparison !== "=") return [makeDate(field, comparison, moments, token)];
  return moments.map((moment) => makeDate(field, "=", [moment], token));
}

function makeDate(
  field: DateField,
  comparison: Comparison,
  moments: readonly Moment[],
  token: Token,
): Condition {
  return { type: "date", field, comparison, moments, ...place(token) };
}
