// @vitest-environment happy-dom
import { afterEach, beforeAll, expect, it } from "vitest";
import { ConflictDialog } from "../../../src/features/conflict/lazy.ts";
import { conflictsOpen } from "../../../src/features/conflict/state.ts";
import type { Refused } from "../../../src/replica/entry.ts";
import type { Change } from "../../../src/replica/replica.ts";
import { type Mounted, mount } from "../../example/mount.tsx";
import { makeTask } from "../../example/replica.ts";

let page: Mounted;

beforeAll(async () => {
  await ConflictDialog.load();
  // happy-dom has no popovers.
  HTMLElement.prototype.showPopover = () => undefined;
  HTMLElement.prototype.hidePopover = () => undefined;
});

afterEach(() => {
  page.unmount();
  conflictsOpen.value = false;
});

const RENAME: Change = { kind: "task", action: "update", id: "milk", set: { title: "Rice milk" } };

function refuse(fields: Partial<Refused>, change: Change = RENAME): Refused {
  const entry = {
    version: 1,
    key: "k1",
    group: "g1",
    at: "2026-11-26T08:00:00Z",
    change,
    before: {},
    effects: [],
    ifRevision: 1,
    after: null,
    state: "waiting",
    edit: 1,
    attempts: 0,
    doneAt: null,
    madeRevision: null,
  } as const;
  return { key: "k1", reason: "text", entry, theirs: {}, problem: null, ...fields };
}

async function show(refused: Refused): Promise<void> {
  const tasks = [makeTask({ id: "milk", title: "Oat milk" })];
  page = await mount("/today", { tasks, refused: [refused] });
  await page.click(".shell-banner .btn");
}

const TEXT = refuse({ reason: "text", theirs: { title: "Oat milk" } });

it("says in the account line that a change needs the person", async () => {
  await show(TEXT);
  expect(page.get(".rail-account .badge").textContent).toBe("1 needs you");
});

it("shows no banner while nothing waits", async () => {
  page = await mount("/today");
  expect(page.has(".shell-banner")).toBe(false);
});

it("shows both versions of a text", async () => {
  await show(TEXT);
  expect(page.get(".needs li").textContent).toMatch(
    /^Oat milkTitle, yours: Rice milkTitle, theirs: Oat milkSomeone else changed the same text\./,
  );
});

it("keeps the text of the person", async () => {
  await show(TEXT);
  await page.click(".needs .btn-primary");
  expect(page.replica.written).toEqual([RENAME]);
});

it("closes when nothing waits any more", async () => {
  await show(TEXT);
  await page.click(".needs .dialog-foot .btn");
  expect([page.has(".needs"), page.has(".shell-banner")]).toEqual([false, false]);
});

it("says why the server refused a change", async () => {
  const problem = { status: 422, code: "x", detail: "Too deep.", errors: [], requestId: "r" };
  await show(refuse({ reason: "refused", problem }));
  expect(page.get(".needs li > p:last-of-type").textContent).toBe(
    "The server refused the change: Too deep.",
  );
});

it("offers to add a deleted task again", async () => {
  await show(refuse({ reason: "gone" }));
  expect(page.get(".needs .btn-primary").textContent).toBe("Add again");
});

it("offers only to discard what cannot be added again", async () => {
  await show(refuse({ reason: "gone" }, { ...RENAME, set: { priority: 1 } } as Change));
  expect(page.has(".needs .btn-primary")).toBe(false);
});

it("counts waiting changes as lost before the person signs out", async () => {
  await show(TEXT);
  await page.click(".dialog-x");
  await page.click(".rail-account > button");
  await page.click("[role=menu] [role^=menuitem]:last-of-type");
  expect(page.get("dialog p").textContent).toBe("1 change was not sent yet and would be lost.");
});

it("takes the value of someone else that was replaced", async () => {
  page = await mount("/today", { tasks: [makeTask({ id: "milk" })] });
  const values = { field: "priority", ours: 1, theirs: 5 };
  page.replica.notices.value = [{ key: "n1", kind: "task", id: "milk", ...values }];
  await page.press("Shift");
  await page.click(".shell-banner .btn");
  await page.click(".needs .dialog-foot .btn");
  expect(page.replica.written).toMatchObject([{ id: "milk", set: { priority: 5 } }]);
});
