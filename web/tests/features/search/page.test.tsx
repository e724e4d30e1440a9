// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it } from "vitest";
import { SearchPage } from "../../../src/features/search/lazy.ts";
import { location } from "../../../src/ui/location.tsx";
import { type Mounted, mount, row } from "../../example/mount.tsx";

let page: Mounted;
const INPUT = ".search-field input";

async function open(path: string): Promise<void> {
  await SearchPage.preload();
  page = await mount(path);
}

beforeEach(() => open("/search"));
afterEach(() => page.unmount());

it("finds as the person types, and keeps the text in the address", async () => {
  await page.type(INPUT, "filters");
  expect([page.titles(), location.value.query.get("q")]).toEqual([
    ["Order new filters for the ventilation"],
    "filters",
  ]);
});

it("shows the part of a description that was found", async () => {
  await page.type(INPUT, "blue folder");
  expect(page.get(".excerpt").textContent).toContain("in the blue folder");
});

it("shows the same rows and keys as a list", async () => {
  await page.type(INPUT, "plants");
  await page.focus(row("e"));
  await page.press("1");
  expect(page.replica.task("task-e")?.priority).toBe(1);
});

it("finds done tasks on request", async () => {
  await page.type(INPUT, "letter box");
  const before = page.titles();
  await page.click(".search-done input");
  expect([before, page.titles()]).toEqual([[], ["Empty the letter box"]]);
});

it("says that nothing was found", async () => {
  await page.type(INPUT, "moon");
  expect(page.get(".empty h2").textContent).toBe("Nothing contains “moon”");
});
