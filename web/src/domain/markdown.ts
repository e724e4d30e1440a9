/**
 * Markdown as a small tree that components render as elements. No HTML is made, so there is nothing
 * to sanitise: HTML in the text is text. The Markdown is that of GitHub (GFM), read by `marked`.
 *
 * Load this module with a dynamic import: `marked` has 15 kB.
 */
import { Lexer, type MarkedToken, type Token, type Tokens } from "marked";

/** A part of a line. */
export type Inline =
  | { readonly type: "text" | "code"; readonly text: string }
  | { readonly type: "strong" | "emphasis" | "strike"; readonly children: readonly Inline[] }
  /** An address with the scheme http, https or mailto. Images are links, and not loaded. */
  | { readonly type: "link"; readonly href: string; readonly children: readonly Inline[] }
  | { readonly type: "break" };

/** A checkbox of a list. */
export interface TaskBox {
  /** Its number in the text, from 0: what {@link toggleCheckbox} takes. */
  readonly index: number;
  readonly checked: boolean;
}

export interface ListItem {
  /** Null for an item without a checkbox. */
  readonly checkbox: TaskBox | null;
  readonly blocks: readonly Block[];
}

/** A cell of a table. */
export interface Cell {
  readonly align: "left" | "center" | "right" | null;
  readonly children: readonly Inline[];
}

export type Block =
  | { readonly type: "paragraph"; readonly children: readonly Inline[] }
  | {
      readonly type: "heading";
      /** 1 to 6. */
      readonly level: number;
      readonly children: readonly Inline[];
    }
  | {
      readonly type: "list";
      /** The first number; null for a list without numbers. */
      readonly start: number | null;
      /** Whether there is space between the items. */
      readonly isLoose: boolean;
      readonly items: readonly ListItem[];
    }
  | { readonly type: "quote"; readonly blocks: readonly Block[] }
  | {
      readonly type: "code";
      readonly text: string;
      /** The language after the fence; may be empty. */
      readonly language: string;
    }
  | {
      readonly type: "table";
      readonly header: readonly Cell[];
      readonly rows: readonly (readonly Cell[])[];
    }
  | { readonly type: "rule" };

/** Counts checkboxes in the order of the text. */
interface Counter {
  next: number;
}

/** A list item with a checkbox, behind list marks and marks of quotes. Quotes may be nested. */
const CHECKBOX =
  /(^[ \t]*(?:(?:>|[-*+]|[0-9]{1,9}[.)])[ \t]*)*(?:[-*+]|[0-9]{1,9}[.)])[ \t]+\[)([ xX])(?=\])/gm;
/** A line with more than 50 nested quotes and lists. Thousands of them would take seconds. */
const TOO_DEEP = /^[ \t]*(?:(?:>[ \t]*|(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)){51}/m;
const SAFE_LINK = /^(?:https?:\/\/|mailto:)[^\s]+$/i;
const ENTITY = /&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,6}));/g;
const ENTITIES = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["nbsp", "\u00a0"],
]);
const LAST_CODE_POINT = 0x10ffff;

/** Parse Markdown. Every text is valid; a text that is nested too deeply is one paragraph. */
export function parseMarkdown(source: string): Block[] {
  if (TOO_DEEP.test(source)) return makePlain(source);
  try {
    return makeBlocks(lex(source), { next: 0 });
  } catch (error) {
    // The stack is exhausted.
    if (!(error instanceof RangeError)) throw error;
    return makePlain(source);
  }
}

function makePlain(source: string): Block[] {
  return [{ type: "paragraph", children: [{ type: "text", text: source }] }];
}

/**
 * Check or uncheck a checkbox. Everything else in the text stays the same.
 *
 * @param index - the number of the checkbox; see {@link TaskBox}.
 * @returns the changed text; the same text if there is no such checkbox.
 */
export function toggleCheckbox(source: string, index: number): string {
  const before = listChecked(parseMarkdown(source));
  if (before[index] === undefined) return source;
  const expected = before.map((checked, each) => (each === index ? !checked : checked)).join();
  // Text in a code block may look like a checkbox. So a place is the right one if the result has
  // the expected checkboxes. No place before the one with this number can be.
  for (const found of [...source.matchAll(CHECKBOX)].slice(index)) {
    const [, prefix = "", mark] = found;
    const at = found.index + prefix.length;
    const changed = source.slice(0, at) + (mark === " " ? "x" : " ") + source.slice(at + 1);
    if (listChecked(parseMarkdown(changed)).join() === expected) return changed;
  }
  return source;
}

/** Return the number of checkboxes in a text, and how many of them are checked. */
export function countCheckboxes(blocks: readonly Block[]): { total: number; checked: number } {
  const all = listChecked(blocks);
  return { total: all.length, checked: all.filter((checked) => checked).length };
}

function listChecked(blocks: readonly Block[]): boolean[] {
  return blocks.flatMap((block) => {
    if (block.type === "quote") return listChecked(block.blocks);
    if (block.type !== "list") return [];
    return block.items.flatMap(({ checkbox, blocks: inner }) => [
      ...(checkbox === null ? [] : [checkbox.checked]),
      ...listChecked(inner),
    ]);
  });
}

function lex(source: string): MarkedToken[] {
  return narrow(new Lexer({ gfm: true }).lex(source));
}

/** Without extensions, all tokens are those of Markdown. */
function narrow(tokens: readonly Token[] | undefined): MarkedToken[] {
  return (tokens ?? []) as MarkedToken[];
}

function makeBlocks(tokens: readonly MarkedToken[], counter: Counter): Block[] {
  return tokens.flatMap((token) => makeBlock(token, counter));
}

function makeBlock(token: MarkedToken, counter: Counter): Block[] {
  switch (token.type) {
    case "paragraph":
      return [{ type: "paragraph", children: makeInlines(narrow(token.tokens)) }];
    case "text":
      return [{ type: "paragraph", children: makeText(token) }];
    case "heading":
      return [{ type: "heading", level: token.depth, children: makeInlines(narrow(token.tokens)) }];
    case "list":
      return [makeList(token, counter)];
    case "blockquote":
      return [{ type: "quote", blocks: makeBlocks(narrow(token.tokens), counter) }];
    case "code":
      return [{ type: "code", text: token.text, language: token.lang ?? "" }];
    case "table":
      return [
        {
          type: "table",
          header: token.header.map(makeCell),
          rows: token.rows.map((row) => row.map(makeCell)),
        },
      ];
    case "hr":
      return [{ type: "rule" }];
    case "html":
      return [{ type: "paragraph", children: [{ type: "text", text: token.raw.trimEnd() }] }];
    default:
      // Space, definitions of links, and checkboxes, which the item has.
      return [];
  }
}

function makeList(token: Tokens.List, counter: Counter): Block {
  const items = token.items.map((item) => {
    const checkbox = item.task ? { index: counter.next, checked: item.checked === true } : null;
    if (checkbox !== null) counter.next += 1;
    return { checkbox, blocks: makeBlocks(narrow(item.tokens), counter) };
  });
  const start = token.ordered ? Number(token.start) : null;
  return { type: "list", start, isLoose: token.loose, items };
}

function makeCell(cell: Tokens.TableCell): Cell {
  return { align: cell.align, children: makeInlines(narrow(cell.tokens)) };
}

function makeText(token: Tokens.Text | Tokens.Tag): Inline[] {
  if ("tokens" in token && token.tokens !== undefined) return makeInlines(narrow(token.tokens));
  return [{ type: "text", text: decodeEntities(token.text) }];
}

/** Return the parts of a line. Adjacent texts are joined. */
function makeInlines(tokens: readonly MarkedToken[]): Inline[] {
  const joined: Inline[] = [];
  for (const inline of tokens.flatMap(makeInline)) {
    const last = joined.at(-1);
    if (last?.type === "text" && inline.type === "text") {
      joined[joined.length - 1] = { type: "text", text: last.text + inline.text };
    } else {
      joined.push(inline);
    }
  }
  return joined;
}

function makeInline(token: MarkedToken): Inline[] {
  switch (token.type) {
    case "text":
      return makeText(token);
    case "escape":
      return [{ type: "text", text: token.text }];
    case "html":
      return [{ type: "text", text: token.raw }];
    case "strong":
      return [{ type: "strong", children: makeInlines(narrow(token.tokens)) }];
    case "em":
      return [{ type: "emphasis", children: makeInlines(narrow(token.tokens)) }];
    case "del":
      return [{ type: "strike", children: makeInlines(narrow(token.tokens)) }];
    case "codespan":
      return [{ type: "code", text: token.text }];
    case "br":
      return [{ type: "break" }];
    case "link":
      return makeLink(token.href, makeInlines(narrow(token.tokens)));
    case "image":
      return makeLink(token.href, [
        { type: "text", text: decodeEntities(token.text || token.href) },
      ]);
    default:
      return [];
  }
}

/** Return a link, or only its text if its address has another scheme. */
function makeLink(address: string, children: readonly Inline[]): Inline[] {
  const href = decodeEntities(address);
  if (!SAFE_LINK.test(href) || !URL.canParse(href)) return [...children];
  return [{ type: "link", href, children }];
}

function decodeEntities(text: string): string {
  return text.replace(ENTITY, (entity, decimal, hexadecimal, name) => {
    if (name !== undefined) return ENTITIES.get(name) ?? entity;
    const code = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal);
    const isCharacter = code > 0 && code <= LAST_CODE_POINT && (code < 0xd800 || code > 0xdfff);
    return isCharacter ? String.fromCodePoint(code) : "\ufffd";
  });
}
