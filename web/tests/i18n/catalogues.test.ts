import { describe, expect, it } from "vitest";
import de from "../../src/i18n/de.json";
import en from "../../src/i18n/en.json";

function flatten(node: object, path = ""): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(node)) {
    if (typeof value === "string") texts.set(path + name, value);
    else for (const [key, text] of flatten(value, `${path}${name}.`)) texts.set(key, text);
  }
  return texts;
}

function listPlaces(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? "").sort();
}

const english = flatten(en);
const german = flatten(de);

describe("the catalogues", () => {
  it("have the same keys", () => {
    expect([...german.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it.each([...english.keys()])("have the same places in %s", (key) => {
    expect(listPlaces(german.get(key) ?? "")).toEqual(listPlaces(english.get(key) ?? ""));
  });
});
