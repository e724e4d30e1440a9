// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it } from "vitest";
import { TrashPage } from "../../../src/features/trash/lazy.ts";
import { toast } from "../../../src/ui/Toast.tsx";
import { type Mounted, mount } from "../../example/mount.tsx";
import { makeTask } from "../../example/replica.ts";

let page: Mounted;
const ROW = ".trash-row[tabindex='0']";
const DELETED = "2026-11-25T08:00:00Z";
const TASKS = ["Letter", "Parcel"].map((title) =>
  makeTask({ id: title, title, deleted_at: DELETED }),
);

beforeEach(async () => {
  await TrashPage.preload();
  page = await mount("/trash", { tasks: TASKS });
});
afterEach(() => page.unmount());

function titles(): string[] {
  return [...document.querySelectorAll(".trash-row .t")].map((title) => title.textContent);
}

it("shows the deleted tasks", () => {
  expect(titles()).toEqual(["Letter", "Parcel"]);
});

it("restores the task with the focus by a key", async () => {
  await page.focus(ROW);
  await page.press("r");
  expect([titles(), toast.value?.text]).toEqual([["Parcel"], "“Letter” restored"]);
});

it("asks before it deletes for good", async () => {
  await page.focus(ROW);
  await page.press("Delete");
  expect([page.get("dialog h2").textContent, page.replica.written]).toEqual([
    "Delete “Letter” permanently?",
    [],
  ]);
});

it("deletes for good after the question", async () => {
  await page.focus(ROW);
  await page.press("Delete");
  await page.click("dialog .btn-danger-fill");
  expect([titles(), page.has("dialog")]).toEqual([["Parcel"], false]);
});

it("asks with the number of tasks before it empties the trash", async () => {
  await page.click(".head-tools .btn");
  expect(page.get("dialog p").textContent).toBe(
    "2 tasks are deleted for all members and cannot be restored.",
  );
});

it("says why the trash cannot be emptied", async () => {
  await page.click(".head-tools .btn");
  await page.click("dialog .btn-danger-fill");
  expect(toast.value?.text).toMatch(/^The server does not answer/);
});

it("searches in the trash", async () => {
  await page.type(".search-field input", "parc");
  expect(titles()).toEqual(["Parcel"]);
});
