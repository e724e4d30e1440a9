import { expect, it } from "vitest";
import { showKey } from "../../src/keys/show.ts";

it("writes Ctrl", () => {
  expect(showKey("Mod+Shift+z", false)).toBe("Ctrl Shift z");
});

it("writes the sign of a Mac", () => {
  expect(showKey("Mod+z", true)).toBe("⌘ z");
});

it("writes arrows as signs", () => {
  expect(showKey("Alt+ArrowUp", false)).toBe("Alt ↑");
});
