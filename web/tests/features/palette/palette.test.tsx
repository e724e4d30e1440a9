// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Palette } from "../../../src/features/palette/lazy.ts";
import { paletteOpen } from "../../../src/features/palette/state.ts";
import { location } from "../../../src/ui/location.tsx";
import { type Mounted, mount } from "../../example/mount.tsx";

let page: Mounted;
const INPUT = ".palette input";

beforeEach(async () => {
  await Palette.preload();
  vi.useFakeTimers();
  page = await mount("/today");
  await page.press("k", { ctrlKey: true });
});
afterEach(() => {
  paletteOpen.value = false;
  page.unmount();
  vi.useRealTimers();
});

function titles(): string[] {
  return [...document.querySelectorAll(".palette .menu-item .t")].map((item) => item.textContent);
}

it("opens by a key, with the focus in its field", () => {
  expect(page.has(INPUT)).toBe(true);
});

it("finds tasks and marks what was found", async () => {
  await page.type(INPUT, "pla");
  expect(document.querySelector(".palette mark")?.textContent).toBe("pla");
});

it("points to the chosen line", async () => {
  await page.type(INPUT, "plants");
  await page.press("ArrowDown");
  const id = page.get(INPUT).getAttribute("aria-activedescendant");
  expect(document.getElementById(id ?? "")?.getAttribute("aria-selected")).toBe("true");
});

it("opens the task on Enter, after it is closed", async () => {
  await page.type(INPUT, "plants");
  await page.press("Enter");
  vi.runOnlyPendingTimers();
  expect([page.has(INPUT), location.value.query.get("task")]).toEqual([false, "task-e"]);
});

it("finds done tasks after Tab", async () => {
  await page.type(INPUT, "letter box");
  const before = titles();
  await page.press("Tab");
  expect([before[0], titles()[0]]).toEqual(["Search for “letter box”", "Empty the letter box"]);
});
