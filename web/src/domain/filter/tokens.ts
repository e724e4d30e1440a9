/**
 * Tokenizer of filters. It reads one token at a time, so that the first error is reported. The port
 * of `tokens.py`.
 *
 * Quotation marks belong to the token that they are in, such as `#"Home improvements"`.
 */
import { FilterError } from "./errors.ts";

export type TokenKind =
  | "open"
  | "close"
  | "or"
  | "and"
  | "not"
  | "word"
  | "phrase"
  | "field"
  | "end";
export type Operator = "" | ":" | "=" | "!=" | "<" | "<=" | ">" | ">=";

/** One of the values of a field. A value in quotation marks is text, not a keyword. */
export interface Value {
  /** The value without quotation marks. */
  readonly text: string;
  readonly isQuoted: boolean;
}

/** A token, and its position in the text. */
export interface Token {
  /** `word` and `phrase` are text to search for. `field` is a field, an operator and values. */
  readonly kind: TokenKind;
  readonly start: number;
  /** The position after the last character. */
  readonly end: number;
  /** The name of a field; `#` and `@` are fields without an operator. */
  readonly name: string;
  readonly operator: Operator;
  readonly operatorStart: number;
  /** The values of a field, or the text of a word or a phrase. */
  readonly values: readonly Value[];
  /** The position of the first value. */
  readonly valuesStart: number;
  /** Whether a word or a phrase has a minus sign. */
  readonly isExcluded: boolean;
}

/** The white space of Unicode, without the control characters that only some languages count. */
const WHITE_SPACE =
  "\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const SPACES = new RegExp(`[${WHITE_SPACE}]*`, "y");
const SPACES_AT_END = new RegExp(`[${WHITE_SPACE}]+$`);
const WORD = new RegExp(`[^${WHITE_SPACE}()|&"]*`, "y");
const END_OF_WORD = new RegExp(`[${WHITE_SPACE}()|&]`);
/** A name begins with a letter and contains letters, digits, `_` and `-`. */
const NAME = /\p{L}[\p{L}0-9_-]*/uy;
const OPERATOR = /!=|<=|>=|[:=<>]/y;
const SYMBOLS = new Map<string, TokenKind>([
  ["(", "open"],
  [")", "close"],
  ["|", "or"],
  ["&", "and"],
  ["!", "not"],
]);
const KEYWORDS = new Map<string, TokenKind>([
  ["or", "or"],
  ["and", "and"],
  ["not", "not"],
]);
const SIGNS = "#@";

/** Return a token without a name, an operator and values. */
export function makeToken(kind: TokenKind, start: number, end: number): Token {
  return {
    kind,
    start,
    end,
    name: "",
    operator: "",
    operatorStart: 0,
    values: [],
    valuesStart: 0,
    isExcluded: false,
  };
}

/**
 * Return the token at or after a position. The last token has the kind `end`.
 *
 * @throws FilterError: a quotation mark is not closed, or there is an operator without a field.
 */
export function readToken(text: string, from: number): Token {
  const position = from + match(SPACES, text, from).length;
  const character = text.charAt(position);
  if (character === "") return makeToken("end", position, position);
  const operator = match(OPERATOR, text, position);
  if (operator !== "") {
    const end = position + operator.length;
    throw new FilterError("unexpected_token", position, end, {
      reason: "stray_operator",
      found: operator,
    });
  }
  const symbol = SYMBOLS.get(character);
  if (symbol !== undefined) return makeToken(symbol, position, position + 1);
  if (SIGNS.includes(character)) {
    return readValues(text, position, character, ":", position + 1, position + 1);
  }
  const isExcluded = character === "-";
  const start = isExcluded ? position + 1 : position;
  if (text.charAt(start) === '"') {
    const { quoted, end } = readQuoted(text, start, position);
    return makeText("phrase", position, end, quoted, isExcluded);
  }
  return readWord(text, position);
}

/** Return the text before a position without white space at its end. */
export function trimBefore(text: string, position: number): string {
  return text.slice(0, position).replace(SPACES_AT_END, "");
}

function readWord(text: string, position: number): Token {
  const word = match(WORD, text, position);
  const end = position + word.length;
  const start = word.startsWith("-") ? position + 1 : position;
  // The pattern of a name stops before all characters that end a word.
  const nameEnd = start + match(NAME, text, start).length;
  const operator = nameEnd > start ? readOperator(text, nameEnd) : "";
  if (start > position && (operator !== "" || ["(", "#", "@"].includes(text.charAt(start)))) {
    throw new FilterError("unexpected_token", position, start, {
      reason: "minus",
      expected: ["not", "!"],
      found: "-",
    });
  }
  if (operator !== "") {
    const name = text.slice(position, nameEnd);
    return readValues(text, position, name, operator, nameEnd, nameEnd + operator.length);
  }
  const keyword = KEYWORDS.get(word.toLowerCase());
  if (keyword !== undefined) return makeToken(keyword, position, end);
  // A minus sign on its own is a word.
  const isExcluded = word.startsWith("-") && word.length > 1;
  return makeText("word", position, end, isExcluded ? word.slice(1) : word, isExcluded);
}

function makeText(
  kind: TokenKind,
  start: number,
  end: number,
  text: string,
  isExcluded: boolean,
): Token {
  const values = [{ text, isQuoted: kind === "phrase" }];
  return { ...makeToken(kind, start, end), values, valuesStart: start, isExcluded };
}

function readOperator(text: string, position: number): Operator {
  // The pattern has no other matches.
  return match(OPERATOR, text, position) as Operator;
}

/** Read the values of a field, separated by commas. They begin at `from`. */
function readValues(
  text: string,
  start: number,
  name: string,
  operator: Operator,
  operatorStart: number,
  from: number,
): Token {
  const values: Value[] = [];
  let position = from;
  let [value, isQuoted] = ["", false];
  while (position < text.length && !END_OF_WORD.test(text.charAt(position))) {
    const character = text.charAt(position);
    if (character === '"') {
      const { quoted, end } = readQuoted(text, position, start);
      position = end;
      [value, isQuoted] = [value + quoted, true];
      continue;
    }
    if (character === ",") {
      values.push({ text: value, isQuoted });
      [value, isQuoted] = ["", false];
    } else {
      value += character;
    }
    position += 1;
  }
  values.push({ text: value, isQuoted });
  const token = makeToken("field", start, position);
  return { ...token, name, operator, operatorStart, values, valuesStart: from };
}

/**
 * Return the text in quotation marks, and the position after them. `\"` is a quotation mark and
 * `\\` a backslash.
 */
function readQuoted(text: string, start: number, tokenStart: number) {
  let position = start + 1;
  let quoted = "";
  while (position < text.length && text.charAt(position) !== '"') {
    const isEscaped = text.charAt(position) === "\\" && /["\\]/.test(text.charAt(position + 1));
    if (isEscaped) position += 1;
    quoted += text.charAt(position);
    position += 1;
  }
  if (position === text.length) {
    throw new FilterError("unclosed_quote", tokenStart, text.length, { expected: ['"'] });
  }
  return { quoted, end: position + 1 };
}

/** Return what a sticky pattern matches at a position; empty for no match. */
function match(pattern: RegExp, text: string, position: number): string {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0] ?? "";
}
