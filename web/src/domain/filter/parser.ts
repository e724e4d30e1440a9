/**
 * Parser of filters: recursive descent over the tokens of `tokens.ts`. The port of `parser.py`.
 *
 * Grammar:
 *
 *     query = [ or ]
 *     or    = and { ( "or" | "|" ) and }
 *     and   = not { [ "and" | "&" ] not }
 *     not   = ( "not" | "!" ) not | "(" or ")" | condition
 *
 * Positions are indexes of the string, as in a selection. The server counts code points.
 */
import { isNegated, makeConditions } from "./conditions.ts";
import { FilterError, type FilterProblem, findSymbol } from "./errors.ts";
import type { Node, Span } from "./nodes.ts";
import { makeToken, readToken, type Token, type TokenKind, trimBefore } from "./tokens.ts";

/** The limits of the server. The length is in code points. */
export const MAX_LENGTH = 1000;
export const MAX_CONDITIONS = 50;
export const MAX_DEPTH = 10;
const EXPECTED_OPERANDS = ["a condition", "not", "("];

/** A parsed text. Exactly one of `node` and `error` is null. */
export type Parsed =
  | { readonly node: Node; readonly error: null; readonly spans: readonly Span[] }
  | {
      readonly node: null;
      readonly error: FilterProblem;
      /** The spans before the error. */
      readonly spans: readonly Span[];
    };

/**
 * Parse a filter.
 *
 * The result depends on nothing but the text. An empty text is a filter without a condition.
 */
export function parseFilter(text: string): Parsed {
  const parser = new Parser(text);
  try {
    checkLength(text);
    return { node: parser.parse(), error: null, spans: parser.spans };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return { node: null, error: error.problem, spans: parser.spans };
  }
}

function checkLength(text: string): void {
  if (text.length <= MAX_LENGTH) return;
  const characters = [...text];
  if (characters.length <= MAX_LENGTH) return;
  const start = characters.slice(0, MAX_LENGTH).join("").length;
  throw new FilterError("too_long", start, text.length);
}

class Parser {
  readonly spans: Span[] = [];
  readonly #text: string;
  #token: Token = makeToken("end", 0, 0);
  #conditions = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Node {
    this.#token = readToken(this.#text, 0);
    if (this.#isAt("end")) return { type: "and", parts: [] };
    const node = this.#parseOr();
    if (!this.#isAt("end")) throw this.#makeUnexpected("not_opened");
    return node;
  }

  #parseOr(): Node {
    const first = this.#parseAnd();
    const parts = [first];
    while (this.#isAt("or")) {
      this.#advance("operator");
      parts.push(this.#parseAnd());
    }
    return parts.length === 1 ? first : { type: "or", parts };
  }

  #parseAnd(): Node {
    const first = this.#parseNot();
    const parts = [first];
    while (!this.#isAt("or", "close", "end")) {
      if (this.#isAt("and")) this.#advance("operator");
      parts.push(this.#parseNot());
    }
    return parts.length === 1 ? first : { type: "and", parts };
  }

  #parseNot(): Node {
    const { kind, start, end } = this.#token;
    if (kind === "not") {
      this.#descend("operator");
      const part = this.#parseNot();
      this.#depth -= 1;
      return { type: "not", part };
    }
    if (kind === "open") {
      this.#descend("parenthesis");
      const node = this.#parseOr();
      if (!this.#isAt("close")) {
        throw new FilterError("unclosed_parenthesis", start, end, { expected: [")"] });
      }
      this.#advance("parenthesis");
      this.#depth -= 1;
      return node;
    }
    if (kind === "end") {
      const symbol = this.#findSymbolBefore();
      const expected = EXPECTED_OPERANDS;
      throw new FilterError("unexpected_end", start, end, { expected, symbol });
    }
    if (this.#isAt("or", "and", "close")) throw this.#makeUnexpected("operand");
    return this.#parseCondition();
  }

  #parseCondition(): Node {
    const token = this.#token;
    const { kind, conditions } = makeConditions(this.#text, token);
    this.#conditions += conditions.length;
    if (this.#conditions > MAX_CONDITIONS) {
      throw new FilterError("too_many_conditions", token.start, token.end);
    }
    this.#advance(kind);
    const [only, ...others] = conditions;
    const node: Node =
      only !== undefined && others.length === 0 ? only : { type: "or", parts: conditions };
    return isNegated(token) ? { type: "not", part: node } : node;
  }

  #isAt(...kinds: TokenKind[]): boolean {
    return kinds.includes(this.#token.kind);
  }

  /** Go to the next token, one level deeper. */
  #descend(kind: string): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) {
      throw new FilterError("too_deep", this.#token.start, this.#token.end);
    }
    this.#advance(kind);
  }

  /** Record the span of the current token and go to the next one. */
  #advance(kind: string): void {
    this.spans.push({ kind, start: this.#token.start, end: this.#token.end });
    this.#token = readToken(this.#text, this.#token.end);
  }

  #findSymbolBefore(): "&" | "|" | null {
    return findSymbol(trimBefore(this.#text, this.#token.start).slice(-1));
  }

  #makeUnexpected(reason: "operand" | "not_opened"): FilterError {
    const { kind, start, end } = this.#token;
    const isAfterCondition = kind === "close" && this.spans.length > 0;
    return new FilterError("unexpected_token", start, end, {
      reason,
      expected: isAfterCondition ? ["and", "or"] : EXPECTED_OPERANDS,
      found: this.#text.slice(start, end),
      symbol: reason === "operand" ? this.#findSymbolBefore() : null,
    });
  }
}
