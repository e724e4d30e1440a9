// @vitest-environment happy-dom
import { act } from "preact/test-utils";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { TaskPanel } from "../../../src/features/panel/lazy.ts";
import { type Mounted, mount } from "../../example/mount.tsx";
import { makeTask } from "../../example/replica.ts";

const FIELD = ".panel-title-input textarea";
let page: Mounted;

beforeAll(async () => {
  await TaskPanel.load();
});

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const tasks = [makeTask({ id: "milk", title: "Milk", revision: 5 })];
  page = await mount("/today?task=milk", { tasks });
});
afterEach(() => {
  page.unmount();
  vi.useRealTimers();
});

/** Another person changes the title. */
async function change(title: string, revision: number): Promise<void> {
  await act(async () => {
    const row = makeTask({ id: "milk", title, revision });
    page.replica.rows.value = new Map([["milk", row]]);
  });
}

async function leave(): Promise<void> {
  await act(async () => page.get(FIELD).blur());
}

async function pass(): Promise<void> {
  await act(async () => void vi.advanceTimersByTime(1000));
}

/** Let the answer of the replica arrive. */
async function settle(): Promise<void> {
  await act(async () => new Promise((resolve) => setImmediate(resolve)));
}

it("saves with what the person saw at the first key", async () => {
  await page.type(FIELD, " 1");
  await change("Oat milk", 6);
  await page.type(FIELD, " l");
  await leave();
  expect(page.replica.written).toMatchObject([
    { set: { title: "Milk 1 l" }, base: { values: { title: "Milk" }, revision: 5 } },
  ]);
});

it("shows the change of another person after it has saved", async () => {
  await page.type(FIELD, " 1");
  await pass();
  await change("Oat milk", 6);
  expect(page.get(FIELD)).toHaveProperty("value", "Oat milk");
});

it("does not save again what it has saved", async () => {
  await page.type(FIELD, " 1");
  await pass();
  await change("Oat milk", 6);
  await leave();
  expect(page.replica.written).toHaveLength(1);
});

it("keeps a space at the end while the person types", async () => {
  await page.type(FIELD, " ");
  await pass();
  expect(page.get(FIELD)).toHaveProperty("value", "Milk ");
});

it("keeps a text that could not be stored", async () => {
  page.replica.isFull = true;
  await page.type(FIELD, " 1");
  await leave();
  await settle();
  expect(page.get(FIELD)).toHaveProperty("value", "Milk 1");
});

it("tries to store a text again only when the person goes on", async () => {
  page.replica.isFull = true;
  await page.type(FIELD, " 1");
  await pass();
  await settle();
  page.replica.isFull = false;
  await pass();
  expect(page.replica.written).toEqual([]);
});
