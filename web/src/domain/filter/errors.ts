/** The error of a filter, with its position in the text. The port of `errors.py`. */

export type FilterErrorCode =
  | "unexpected_end"
  | "unexpected_token"
  | "unclosed_parenthesis"
  | "unclosed_quote"
  | "unknown_field"
  | "bad_value"
  | "bad_operator"
  | "too_long"
  | "too_many_conditions"
  | "too_deep";

/**
 * Why the code was chosen, where a code has several reasons. Texts are made from the code and the
 * reason.
 *
 * Of `unexpected_token`: `stray_operator` (an operator without a field), `minus` (before something
 * else than a word or a phrase), `operand` (a condition is expected), `not_opened` (a closing
 * parenthesis). The others are of `bad_value`.
 */
export type FilterErrorReason =
  | "stray_operator"
  | "minus"
  | "operand"
  | "not_opened"
  | "empty"
  | "flag"
  | "status"
  | "parent"
  | "priority"
  | "number"
  | "one_value"
  | "quoted_day"
  | "day"
  | "period";

/** Why a text is not a filter. */
export interface FilterProblem {
  readonly code: FilterErrorCode;
  readonly reason: FilterErrorReason | null;
  /** The position of the first wrong character, as an index of the string. */
  readonly start: number;
  /** The position after the last wrong character. */
  readonly end: number;
  /** What is allowed instead; empty if it cannot be listed. `a condition` stands for any condition. */
  readonly expected: readonly string[];
  /** The field, operator or value that the error is about, as written; may be empty. */
  readonly found: string;
  /** `&` or `|` if it may belong to a name, as in `#R&D`: the name needs quotation marks. */
  readonly symbol: "&" | "|" | null;
}

/** What differs from the default of a {@link FilterProblem}. */
export type ProblemDetails = Partial<
  Pick<FilterProblem, "reason" | "expected" | "found" | "symbol">
>;

/** Thrown within the parser; `parseFilter` returns its problem. */
export class FilterError extends Error {
  readonly problem: FilterProblem;

  constructor(code: FilterErrorCode, start: number, end: number, details: ProblemDetails = {}) {
    super(code);
    this.problem = {
      code,
      start,
      end,
      reason: null,
      expected: [],
      found: "",
      symbol: null,
      ...details,
    };
  }
}

/** Return the symbol after or before a value, if it is one that may belong to a name. */
export function findSymbol(character: string): "&" | "|" | null {
  return character === "&" || character === "|" ? character : null;
}
