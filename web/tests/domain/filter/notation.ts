/** Notation of resolved filter trees as JSON, as in `tests/data/filters.jsonl`. */
import type { Node } from "../../../src/domain/filter/nodes.ts";
import { type Parsed, parseFilter } from "../../../src/domain/filter/parser.ts";

/** Return a resolved tree in the notation of the vectors. */
export function makeNotation(node: Node): unknown[] {
  switch (node.type) {
    case "and":
    case "or":
      return [node.type, ...node.parts.map(makeNotation)];
    case "not":
      return ["not", makeNotation(node.part)];
    case "point": {
      const texts = node.points.map((point) => point.local);
      return [node.field, node.comparison, texts.length > 1 ? texts : texts[0]];
    }
    case "number": {
      const isList = node.comparison === "=" || node.comparison === "between";
      return [node.field, node.comparison, isList ? node.values : node.values[0]];
    }
    case "name":
      return [node.field, "=", [...(node.includesMe ? ["me"] : []), ...node.values]];
    case "text":
      return [node.field, node.text + (node.isPrefix ? "*" : "")];
    case "flag":
      return [node.field, node.word];
    case "date":
      throw new TypeError("The tree is not resolved.");
  }
}

/** Parse a text that is a filter. */
export function parseValid(text: string): Extract<Parsed, { error: null }> {
  const parsed = parseFilter(text);
  if (parsed.error !== null) throw new Error(`${text}: ${parsed.error.code}`);
  return parsed;
}
