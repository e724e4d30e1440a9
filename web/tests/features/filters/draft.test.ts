import { expect, it } from "vitest";
import { parseFilter } from "../../../src/domain/filter/parser.ts";
import { addScope, checkFilter, quoteName } from "../../../src/features/filters/draft.ts";
import { makeFilter } from "../../example/replica.ts";

const DRAFT = { name: "Errands", filter: "@errand", color: null, shared: false };
const SAVED = [
  makeFilter({ id: "one", name: "Calls" }),
  makeFilter({ id: "two", name: "Ours", shared: true }),
];

function check(change: Partial<typeof DRAFT>, id: string | null = null) {
  return checkFilter({ ...DRAFT, ...change }, SAVED, id);
}

it("accepts a name and a filter", () => {
  expect(check({})).toBeNull();
});

it("wants a name", () => {
  expect(check({ name: "  " })).toBe("name_missing");
});

it("refuses a name of more than 200 characters", () => {
  expect(check({ name: "x".repeat(201) })).toBe("name_long");
});

it("refuses the name of another own filter, whatever its case", () => {
  expect(check({ name: "CALLS" })).toBe("name_taken");
});

it("accepts the name of a shared filter for an own one", () => {
  expect(check({ name: "Ours" })).toBeNull();
});

it("refuses the name of a shared filter for a shared one", () => {
  expect(check({ name: "Ours", shared: true })).toBe("name_taken");
});

it("accepts the name that the filter has already", () => {
  expect(check({ name: "Calls" }, "one")).toBeNull();
});

it.each(["", "status:late"])("refuses the filter %j", (filter) => {
  expect(check({ filter })).toBe("filter");
});

it("adds the list to a filter", () => {
  expect(addScope("#Home", "p1 @phone")).toBe("#Home p1 @phone");
});

it("puts alternatives into parentheses", () => {
  expect(addScope("#Home", "p1 or p2")).toBe("#Home (p1 or p2)");
});

it.each(["Home", "a b", "R&D", 'a "b" \\c', "naïve", "(x)", "a,b"])(
  "writes the name %s so that it is read again",
  (name) => {
    const { node } = parseFilter(`#${quoteName(name)}`);
    expect(node).toMatchObject({ type: "name", field: "category", values: [name] });
  },
);
