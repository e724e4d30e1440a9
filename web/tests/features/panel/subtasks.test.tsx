// @vitest-environment happy-dom
import { act } from "preact/test-utils";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { TaskPanel } from "../../../src/features/panel/lazy.ts";
import { type Mounted, mount } from "../../example/mount.tsx";
import { makeTask } from "../../example/replica.ts";

const FIELD = "form.sub input";
let page: Mounted;

beforeAll(async () => {
  await TaskPanel.load();
});

beforeEach(async () => {
  page = await mount("/today?task=milk", { tasks: [makeTask({ id: "milk" })] });
  await page.click(".sub-add");
  await page.type(FIELD, "Find the bottle");
});
afterEach(() => page.unmount());

async function submit(): Promise<void> {
  const event = new Event("submit", { bubbles: true, cancelable: true });
  await act(async () => void page.get("form.sub").dispatchEvent(event));
  await act(async () => {});
}

async function leave(): Promise<void> {
  await act(async () => page.get(FIELD).blur());
  await act(async () => {});
}

it("keeps the title if the sub-task cannot be stored", async () => {
  page.replica.isFull = true;
  await submit();
  expect(page.get(FIELD)).toHaveProperty("value", "Find the bottle");
});

it("keeps the field open if the sub-task cannot be stored", async () => {
  page.replica.isFull = true;
  await leave();
  expect(page.get(FIELD)).toHaveProperty("value", "Find the bottle");
});

it("empties the field when the sub-task is stored", async () => {
  await submit();
  expect(page.get(FIELD)).toHaveProperty("value", "");
});

it("closes the field when it is left", async () => {
  await leave();
  expect([page.has(FIELD), page.replica.written.length]).toEqual([false, 1]);
});
