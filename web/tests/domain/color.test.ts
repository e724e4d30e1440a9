import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { adjustColor, getContrast, isColor } from "../../src/domain/color.ts";
import { makeRandom, type Random } from "../random.ts";

const CSS = readFileSync(join(import.meta.dirname, "../../src/styles/tokens.css"), "utf8");
const THEMES = ["light", "dark"] as const;
type Theme = (typeof THEMES)[number];
const BACKGROUNDS = ["bg", "rail", "raised", "hover", "selected"];

/** Return the color of a token in a theme. */
function getToken(name: string, theme: Theme): string {
  const found = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\);`).exec(CSS);
  const color = found?.[theme === "light" ? 1 : 2];
  if (color === undefined) throw new Error(`The token ${name} has no colors.`);
  return color;
}

/** Return the least contrast of tokens on backgrounds. */
function getLeastContrast(names: string[], backgrounds: string[], theme: Theme): number {
  const ratios = names.flatMap((name) =>
    backgrounds.map((each) => getContrast(getToken(name, theme), getToken(each, theme))),
  );
  return Math.min(...ratios);
}

function makeRandomColor(random: Random): string {
  const part = () => random.integer(0, 255).toString(16).padStart(2, "0");
  return `#${part()}${part()}${part()}`;
}

test.each([
  ["#000000", "#ffffff", 21],
  ["#FFFFFF", "#000000", 21],
  ["#0b6e5b", "#0b6e5b", 1],
  ["#767676", "#ffffff", 4.54],
])("the contrast of %s and %s is %d", (one, other, ratio) => {
  expect(getContrast(one, other)).toBeCloseTo(ratio, 2);
});

test.each(["", "#fff", "red", "#12345g", "#1234567"])("%j is no color", (text) => {
  expect(isColor(text)).toBe(false);
  expect(() => getContrast(text, "#ffffff")).toThrow(RangeError);
});

describe.each(THEMES)("tokens of the %s theme", (theme) => {
  test.each(["muted", "faint", "accent", "danger", "warn", "info", "ok"])(
    "%s is readable as text on every background",
    (name) => {
      const least = theme === "light" ? 4.85 : 4.7;
      expect(getLeastContrast([name], BACKGROUNDS, theme)).toBeGreaterThanOrEqual(least - 0.005);
    },
  );

  test("text is well readable on every background", () => {
    const least = theme === "light" ? 13.6 : 11.0;
    expect(getLeastContrast(["text"], BACKGROUNDS, theme)).toBeGreaterThanOrEqual(least - 0.05);
  });

  test.each(["control", "accent", "faint", "p1", "p2", "p4"])(
    "%s is visible as a ring on every background",
    (name) => {
      expect(getLeastContrast([name], BACKGROUNDS, theme)).toBeGreaterThanOrEqual(3.2 - 0.05);
    },
  );

  test.each([
    ["on-accent", "accent", 6.2, 8.2],
    ["text", "mark", 12.8, 7.2],
    ["on-danger", "danger", 4.5, 4.5],
    ["on-inverse", "inverse", 4.5, 4.5],
    ["inverse-muted", "inverse", 4.5, 4.5],
    ["inverse-accent", "inverse", 4.5, 4.5],
    ["on-inverse", "inverse-hover", 4.5, 4.5],
    ["text", "seg", 4.5, 4.5],
    ["text", "seg-on", 4.5, 4.5],
  ])("%s is readable on %s", (name, background, light, dark) => {
    const least = theme === "light" ? light : dark;
    expect(getLeastContrast([name], [background], theme)).toBeGreaterThanOrEqual(least - 0.05);
  });

  test.each(["amber", "blue", "violet", "green", "red", "teal", "pink", "grey"])(
    "the dot %s is visible on every background",
    (name) => {
      expect(getLeastContrast([`dot-${name}`], BACKGROUNDS, theme)).toBeGreaterThanOrEqual(3);
    },
  );

  test("any color is visible on every background after it is adjusted", () => {
    const random = makeRandom(10);
    for (let round = 0; round < 500; round++) {
      const background = getToken(random.choose(BACKGROUNDS), theme);
      const color = adjustColor(makeRandomColor(random), background);
      expect(getContrast(color, background)).toBeGreaterThanOrEqual(3);
    }
  });
});

describe("adjustColor", () => {
  test("keeps a color that is visible", () => {
    expect(adjustColor("#C22E23", "#ffffff")).toBe("#C22E23");
  });

  test("gives any color the contrast on any background", () => {
    const random = makeRandom(11);
    for (let round = 0; round < 1000; round++) {
      const [color, background] = [makeRandomColor(random), makeRandomColor(random)];
      const adjusted = adjustColor(color, background);
      expect(getContrast(adjusted, background), `${color} ${background}`).toBeGreaterThanOrEqual(3);
    }
  });

  test("changes a color as little as the contrast needs", () => {
    expect(getContrast(adjustColor("#ffdd00", "#ffffff"), "#ffffff")).toBeLessThan(3.1);
    expect(getContrast(adjustColor("#101010", "#161918"), "#161918")).toBeLessThan(3.1);
  });

  test("keeps the hue", () => {
    const adjusted = adjustColor("#ffdd00", "#ffffff");
    const [red, green, blue] = [1, 3, 5].map((at) =>
      Number.parseInt(adjusted.slice(at, at + 2), 16),
    );
    expect([(red ?? 0) > (green ?? 0), (blue ?? 255) < 40]).toEqual([true, true]);
  });

  test.each([
    ["white on white is grey", "#ffffff", "#ffffff", /^#(..)\1\1$/],
    ["black on black is grey", "#000000", "#000000", /^#(..)\1\1$/],
  ])("%s", (_case, color, background, pattern) => {
    expect(adjustColor(color, background)).toMatch(pattern);
  });
});
