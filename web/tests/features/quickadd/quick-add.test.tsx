// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { QuickAdd } from "../../../src/features/quickadd/lazy.ts";
import { loadWords } from "../../../src/features/quickadd/parse.ts";
import { type Mounted, mount } from "../../example/mount.tsx";

const FIELD = ".qa-input";
let page: Mounted;

beforeAll(async () => {
  await loadWords("en");
  await QuickAdd.load();
});

beforeEach(async () => {
  page = await mount("/today");
  await page.click(".qa-idle");
});
afterEach(() => page.unmount());

function listMarks(): string[] {
  return [...document.querySelectorAll(".qa-marks mark")].map((mark) => mark.textContent);
}

it("marks the recognised parts", async () => {
  await page.type(FIELD, "Call the dentist tomorrow 9am @phone p1");
  expect(listMarks()).toEqual(["tomorrow 9am", "@phone", "p1"]);
});

it("tells screen readers the recognised parts", async () => {
  await page.type(FIELD, "Call the dentist tomorrow 9am p1");
  expect(page.get(".qa > p[aria-live]").textContent).toBe(
    "Recognised: due Tomorrow, 09:00 and priority 1, Urgent.",
  );
});

it("adds the task", async () => {
  await page.type(FIELD, "Call the dentist tomorrow 9am #Garden");
  await page.press("Enter");
  expect(page.replica.written).toMatchObject([
    {
      action: "create",
      set: {
        title: "Call the dentist",
        due_date: "2026-11-27T09:00:00",
        category_id: "garden",
      },
    },
  ]);
});

it("gives the task the day of the page", async () => {
  await page.type(FIELD, "Call the dentist");
  await page.press("Enter");
  expect(page.replica.written).toMatchObject([{ set: { due_date: "2026-11-26" } }]);
});

it("turns a part into text by Backspace", async () => {
  await page.type(FIELD, "Call the dentist tomorrow");
  await page.press("Backspace");
  expect(listMarks()).toEqual([]);
});

it("completes a name", async () => {
  await page.type(FIELD, "Call the dentist #hou");
  await page.press("Tab");
  expect(page.get(FIELD)).toHaveProperty("value", "Call the dentist #Household ");
});

it("shows an error at its part", async () => {
  await page.type(FIELD, "Call the dentist +bob ");
  expect(page.get(".qa-marks .bad").textContent).toBe("+bob");
});

it("adds nothing while there is an error", async () => {
  await page.type(FIELD, "Call the dentist +bob ");
  await page.press("Enter");
  expect(page.replica.written).toEqual([]);
});

it("offers to add each line of a pasted list", async () => {
  await page.type(FIELD, "- Oil the gate\n- Call Sam");
  expect(page.get(".qa-foot .btn-primary").textContent).toBe("Add 2 tasks");
});

it("closes with Escape", async () => {
  await page.type(FIELD, "Call");
  await page.press("Escape");
  expect(page.has(FIELD)).toBe(false);
});

it("keeps the text if the task cannot be stored", async () => {
  page.replica.isFull = true;
  await page.type(FIELD, "Call the dentist");
  await page.press("Enter");
  expect(page.get(FIELD)).toHaveProperty("value", "Call the dentist");
});

it("empties the field when the task is stored", async () => {
  await page.type(FIELD, "Call the dentist");
  await page.press("Enter");
  expect(page.get(FIELD)).toHaveProperty("value", "");
});

it("adds the task once if Enter is pressed again before it is stored", async () => {
  await page.type(FIELD, "Call the dentist");
  const enter = () => new KeyboardEvent("keydown", { key: "Enter", bubbles: true });
  page.get(FIELD).dispatchEvent(enter());
  page.get(FIELD).dispatchEvent(enter());
  await page.press("Shift");
  expect(page.replica.written).toHaveLength(1);
});
