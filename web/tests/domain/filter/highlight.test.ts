import { expect, test } from "vitest";
import { splitPieces } from "../../../src/domain/filter/highlight.ts";
import { listWarnings } from "../../../src/domain/filter/names.ts";
import { parseFilter } from "../../../src/domain/filter/parser.ts";
import { makeContext } from "./workspace.ts";

test.each([
  ["", []],
  [
    "today #Work",
    [
      ["today", "due", "valid"],
      [" ", null, "valid"],
      ["#Work", "category", "valid"],
    ],
  ],
  [
    "@nope p1",
    [
      ["@nope", "tag", "warning"],
      [" ", null, "valid"],
      ["p1", "priority", "valid"],
    ],
  ],
  [
    "p1 is:late p2",
    [
      ["p1", "priority", "valid"],
      [" is:", null, "valid"],
      ["late", null, "error"],
      [" p2", null, "unread"],
    ],
  ],
  [
    "(p1",
    [
      ["(", "parenthesis", "error"],
      ["p1", "priority", "unread"],
    ],
  ],
  [
    "p1 and",
    [
      ["p1", "priority", "valid"],
      [" ", null, "valid"],
      ["and", "operator", "valid"],
    ],
  ],
])("pieces of %j", (text, expected) => {
  const parsed = parseFilter(text);
  const warnings = parsed.error === null ? listWarnings(parsed.node, makeContext("UTC")) : [];
  const pieces = splitPieces(text, parsed, warnings);
  expect(pieces.map((piece) => [piece.text, piece.kind, piece.state])).toEqual(expected);
});
