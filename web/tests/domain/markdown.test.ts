import { expect, test } from "vitest";
import {
  type Block,
  countCheckboxes,
  type Inline,
  parseMarkdown,
  toggleCheckbox,
} from "../../src/domain/markdown.ts";
import { makeRandom } from "../random.ts";

function text(content: string): Inline {
  return { type: "text", text: content };
}

/** Return the parts of a text that is one paragraph. */
function parseLine(source: string): readonly Inline[] {
  const [block] = parseMarkdown(source);
  if (block?.type !== "paragraph") throw new Error(`${source} is not a paragraph.`);
  return block.children;
}

test.each<[string, Inline[]]>([
  [
    "a **b** _c_ ~~d~~",
    [
      text("a "),
      { type: "strong", children: [text("b")] },
      text(" "),
      { type: "emphasis", children: [text("c")] },
      text(" "),
      { type: "strike", children: [text("d")] },
    ],
  ],
  ["`a < b`", [{ type: "code", text: "a < b" }]],
  ["a <b>c</b>", [text("a <b>c</b>")]],
  ["a  \nb", [text("a"), { type: "break" }, text("b")]],
  ["R&amp;D &lt; \\*", [text("R&D < *")]],
  ["&#65;&#x1F600;&#0;&nope;", [text("A😀\ufffd&nope;")]],
  [
    "[a](https://x.org/?b=1&amp;c)",
    [{ type: "link", href: "https://x.org/?b=1&c", children: [text("a")] }],
  ],
  ["me@x.org", [{ type: "link", href: "mailto:me@x.org", children: [text("me@x.org")] }]],
  [
    "![a](https://x.org/a.png)",
    [{ type: "link", href: "https://x.org/a.png", children: [text("a")] }],
  ],
])("parts of %s", (source, expected) => {
  expect(parseLine(source)).toEqual(expected);
});

test.each([
  "[a](javascript:alert(1))",
  "[a](JaVaScRiPt:alert(1))",
  "[a](&#106;avascript:alert(1))",
  "[a](data:text/html,x)",
  "[a](vbscript:x)",
  "[a](file:///etc/passwd)",
  "[a](//x.org)",
  "[a](/admin)",
  "[a](x.md)",
])("%s is not a link", (source) => {
  expect(parseLine(source)).toEqual([text("a")]);
});

test("a script is text", () => {
  expect(parseLine("<script>alert(1)</script>")).toEqual([text("<script>alert(1)</script>")]);
});

test("blocks", () => {
  const source = "# A\n\n> b\n\n```js\nc\n```\n\n---\n\n2. d\n3. e\n";
  expect(parseMarkdown(source)).toEqual<Block[]>([
    { type: "heading", level: 1, children: [text("A")] },
    { type: "quote", blocks: [{ type: "paragraph", children: [text("b")] }] },
    { type: "code", text: "c", language: "js" },
    { type: "rule" },
    {
      type: "list",
      start: 2,
      isLoose: false,
      items: ["d", "e"].map((each) => ({
        checkbox: null,
        blocks: [{ type: "paragraph", children: [text(each)] }],
      })),
    },
  ]);
});

test("a table", () => {
  expect(parseMarkdown("| a | b |\n|:--|--:|\n| 1 | 2 |")).toEqual<Block[]>([
    {
      type: "table",
      header: [
        { align: "left", children: [text("a")] },
        { align: "right", children: [text("b")] },
      ],
      rows: [
        [
          { align: "left", children: [text("1")] },
          { align: "right", children: [text("2")] },
        ],
      ],
    },
  ]);
});

test("checkboxes are numbered in the order of the text", () => {
  const [list] = parseMarkdown("- [ ] a\n  - [x] b\n- c\n- [X] d");
  expect(list).toMatchObject({
    items: [
      {
        checkbox: { index: 0, checked: false },
        blocks: [{}, { items: [{ checkbox: { index: 1, checked: true } }] }],
      },
      { checkbox: null },
      { checkbox: { index: 2, checked: true } },
    ],
  });
});

test("the checkbox is not part of the text of a loose item", () => {
  const [list] = parseMarkdown("- [ ] a\n\n- [x] b");
  expect(list).toMatchObject({
    items: [{ blocks: [{ children: [text("a")] }] }, { blocks: [{ children: [text("b")] }] }],
  });
});

test("checkboxes are counted", () => {
  expect(countCheckboxes(parseMarkdown("- [ ] a\n> - [x] b"))).toEqual({ total: 2, checked: 1 });
});

test.each([
  ["- [ ] a", 0, "- [x] a"],
  ["* [X] a", 0, "* [ ] a"],
  ["1. [ ] a\r\n2. [ ] b\r\n", 1, "1. [ ] a\r\n2. [x] b\r\n"],
  ["> - [ ] a\n> - [ ] b", 1, "> - [ ] a\n> - [x] b"],
  ["- > - [ ] a", 0, "- > - [x] a"],
  ["- a\n  - [ ] b", 0, "- a\n  - [x] b"],
  ["- - [ ] a", 0, "- - [x] a"],
  ["```\n- [ ] code\n```\n\n- [ ] a", 0, "```\n- [ ] code\n```\n\n- [x] a"],
  ["- a\n\n  ```\n  - [ ] code\n  ```\n- [ ] b", 0, "- a\n\n  ```\n  - [ ] code\n  ```\n- [x] b"],
  ["<div>\n- [ ] html\n</div>\n\n- [ ] a", 0, "<div>\n- [ ] html\n</div>\n\n- [x] a"],
  ["- [ ] [x] a", 0, "- [x] [x] a"],
  ["- [ ] a", 1, "- [ ] a"],
  ["[ ] a", 0, "[ ] a"],
])("toggle in %j number %i", (source, index, expected) => {
  expect(toggleCheckbox(source, index)).toBe(expected);
});

test("a toggle changes one character, and only its checkbox", () => {
  const random = makeRandom(3);
  const parts = [
    "- [ ] a\n",
    "- [x] b\n",
    "  - [ ] c\n",
    "> - [ ] d\n",
    "```\n",
    "\n",
    "e\n",
    "1. [x] f\n",
    "    g\n",
    "- h\n",
  ];
  const wrong: string[] = [];
  for (let count = 0; count < 300; count++) {
    const source = Array.from({ length: random.integer(1, 8) }, () => random.choose(parts)).join(
      "",
    );
    const { total } = countCheckboxes(parseMarkdown(source));
    for (let index = 0; index < total; index++) {
      const changed = toggleCheckbox(source, index);
      if (changed === source || toggleCheckbox(changed, index).toLowerCase() !== source) {
        wrong.push(source);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test.each([">", "- ", "1. "])("deep nesting of %j is plain text", (mark) => {
  const source = `${mark.repeat(20_000)}a`;
  expect(parseMarkdown(source)).toEqual([{ type: "paragraph", children: [text(source)] }]);
});
