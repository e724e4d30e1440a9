// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadFilters } from "../../../src/features/filters/engine.ts";
import { FilterBar } from "../../../src/features/filters/lazy.ts";
import { location } from "../../../src/ui/location.tsx";
import { type Mounted, mount } from "../../example/mount.tsx";

let page: Mounted;
const TEXT = ".filters textarea";

beforeEach(async () => {
  await FilterBar.preload();
  await loadFilters();
  page = await mount("/category/household?filter=");
});
afterEach(() => page.unmount());

it("shows what matches, and keeps the text in the address", async () => {
  await page.type(TEXT, "@waiting");
  expect([page.titles(), location.value.query.get("filter")]).toEqual([
    ["Book the chimney sweep"],
    "@waiting",
  ]);
});

it("keeps the last list while the text has an error", async () => {
  await page.type(TEXT, "@waiting");
  await page.type(TEXT, " status:late");
  expect(page.titles()).toEqual(["Book the chimney sweep"]);
});

it("marks the wrong part and explains it", async () => {
  await page.type(TEXT, "p1 status:late");
  expect([page.get(".f-bad").textContent, page.get(".filters .error").textContent]).toEqual([
    "late",
    "“late” is no status.",
  ]);
});

it("puts an alternative in place of the wrong part", async () => {
  await page.type(TEXT, "p1 status:late");
  await page.click(".filter-notes .chip");
  expect(location.value.query.get("filter")).toBe("p1 status:todo");
});

it("saves the filter with the condition of the list", async () => {
  await page.type(TEXT, "p1 or @waiting");
  await page.click(".filters .btn-link");
  await page.type(".filter-form input", "Soon");
  await page.click(".filter-form [type='submit']");
  expect(page.replica.filters.value[0]).toMatchObject({
    name: "Soon",
    filter: "#Household (p1 or @waiting)",
    group_by: "none",
  });
});

it("is closed by Escape", async () => {
  await page.type(TEXT, "p1");
  await page.press("Escape");
  expect(location.value.query.has("filter")).toBe(false);
});
