/** Several tabs of one browser: one leads, all show the same. */
import { expect, test } from "vitest";
import { LostLeadError } from "../../src/replica/disk.ts";
import { ANSWER_MS } from "../../src/replica/leader.ts";
import type { OpenReplica } from "../../src/replica/open.ts";
import { pull } from "../../src/replica/pull.ts";
import { wipeDatabase } from "../../src/replica/wipe.ts";
import { addTask, Browser, nextTurn, setFields, settle, until } from "./client.ts";
import { ModelServer } from "./server.ts";

async function openTabs(options: { locks?: boolean } = {}) {
  const server = new ModelServer();
  server.putTask("t1", { title: "Milk" });
  const browser = new Browser(server, options);
  const leader = await browser.openSynced();
  const other = await browser.open();
  await until(() => other.task("t1") !== undefined);
  return { server, browser, leader, other };
}

async function settleAll(...tabs: OpenReplica[]): Promise<void> {
  for (const tab of tabs) await settle(tab);
}

test("one tab leads", async () => {
  const { leader, other } = await openTabs();
  expect([leader.leads, other.leads]).toEqual([true, false]);
});

test("the leading tab sends what another tab has written", async () => {
  const { server, leader, other } = await openTabs();
  await addTask(other, "t2", "Bread");
  await settleAll(leader, other);
  expect(server.task("t2")?.title).toBe("Bread");
  expect(other.task("t2")?.number).toBe(2);
  expect(other.status.value.unsent).toBe(0);
});

test("another tab shows a change at once", async () => {
  const { leader, other } = await openTabs();
  await setFields(leader, "t1", { title: "Oat milk" });
  await nextTurn();
  expect(other.task("t1")?.title).toBe("Oat milk");
});

test("all tabs receive the changes of others", async () => {
  const { server, leader, other } = await openTabs();
  server.putTask("t1", { title: "Rice milk" });
  other.sync();
  await settleAll(leader, other);
  expect(leader.task("t1")?.title).toBe("Rice milk");
  expect(other.task("t1")?.title).toBe("Rice milk");
});

test("all tabs together keep one stream open", async () => {
  const { server } = await openTabs();
  await until(() => server.streams > 0);
  await nextTurn();
  expect(server.streams).toBe(1);
});

test("when the leading tab closes, another one leads", async () => {
  const { server, leader, other } = await openTabs();
  await leader.close();
  await until(() => other.leads);
  await addTask(other, "t2", "Bread");
  await settle(other);
  expect(server.task("t2")?.title).toBe("Bread");
});

test("the next leader repeats the request that waits for an answer", async () => {
  const { server, leader, other } = await openTabs();
  server.fault = (path) => (path.endsWith("/bulk") ? "lose answer" : null);
  await addTask(leader, "t2", "Bread");
  await settle(leader);
  server.fault = () => null;
  await leader.close();
  await until(() => other.leads);
  await settle(other);
  expect(server.executed).toHaveLength(1);
  expect(other.status.value).toMatchObject({ unsent: 0, conflicts: 0 });
});

test("a visible tab takes the lead when none answers", async () => {
  const { browser, leader, other } = await openTabs();
  // The leading tab is frozen: it hears nothing.
  browser.channels.freeze();
  other.sync();
  browser.timers.fire(ANSWER_MS);
  await until(() => other.leads);
  expect(leader.leads).toBe(false);
});

test("a hidden tab does not take the lead", async () => {
  const { browser, other } = await openTabs();
  browser.channels.freeze();
  browser.visible = false;
  other.sync();
  browser.timers.fire(ANSWER_MS);
  await settle(other);
  expect(other.leads).toBe(false);
});

test("a tab takes no lead when the leading tab answers", async () => {
  const { browser, other } = await openTabs();
  other.sync();
  await nextTurn();
  browser.timers.fire(ANSWER_MS);
  await settle(other);
  expect(other.leads).toBe(false);
});

test("a tab that has lost the lead stores nothing", async () => {
  const { server, leader } = await openTabs();
  server.putTask("t1", { title: "Rice milk" });
  await leader.tab.database.put("meta", { epoch: 99, owner: "x", until: 0 }, "lease");
  await expect(pull(leader.tab)).rejects.toThrow(LostLeadError);
  expect(leader.task("t1")?.title).toBe("Milk");
});

test("a tab that missed a page reads it from the disk", async () => {
  const { server, browser, leader, other } = await openTabs();
  browser.channels.freeze();
  server.putTask("t1", { title: "Rice milk" });
  leader.sync();
  await settle(leader);
  browser.channels.thaw();
  server.putTask("t2", { title: "Bread" });
  leader.sync();
  await settleAll(leader, other);
  expect(other.task("t1")?.title).toBe("Rice milk");
  expect(other.task("t2")?.title).toBe("Bread");
});

test("two tabs that write the same field in turn lose nothing", async () => {
  const { server, leader, other } = await openTabs();
  server.fault = () => "lose request";
  for (const [tab, title] of [
    [leader, "a"],
    [other, "ab"],
    [leader, "abc"],
  ] as const) {
    await setFields(tab, "t1", { title });
    await nextTurn();
  }
  server.fault = () => null;
  leader.sync();
  await settleAll(leader, other);
  expect(server.task("t1")?.title).toBe("abc");
  expect(leader.status.value).toMatchObject({ unsent: 0, conflicts: 0 });
});

test("a change that is joined while another tab sends is sent afterwards", async () => {
  const { server, browser, leader, other } = await openTabs();
  server.fault = (path) => (path.endsWith("/bulk") ? "lose request" : null);
  await setFields(other, "t1", { title: "a" });
  await settleAll(leader, other);
  browser.channels.freeze();
  // This tab does not know that the request is on its way, and joins.
  other.tab.memory.replaceEntries(
    other.tab.memory.listEntries().map((entry) => ({ ...entry, state: "waiting" as const })),
  );
  await setFields(other, "t1", { title: "ab" });
  browser.channels.thaw();
  server.fault = () => null;
  other.sync();
  await settleAll(leader, other, leader);
  leader.sync();
  await settleAll(leader, other);
  expect(server.task("t1")?.title).toBe("ab");
});

test("signing out in one tab closes the others and deletes the database", async () => {
  const { browser, leader, other } = await openTabs();
  await leader.wipe();
  await until(() => other.closed.peek());
  const names = (await indexedDB.databases()).map(({ name }) => name);
  expect(names).not.toContain(browser.name);
});

test("a tab whose database another tab deletes stops to lead", async () => {
  const { browser, leader, other } = await openTabs();
  await wipeDatabase(browser.name);
  await until(() => leader.closed.peek() && other.closed.peek());
  await until(() => !leader.leads);
  expect(other.leads).toBe(false);
});

test("over plain HTTP, a lease decides who leads", async () => {
  const { server, leader, other } = await openTabs({ locks: false });
  expect([leader.leads, other.leads]).toEqual([true, false]);
  await addTask(other, "t2", "Bread");
  await settleAll(leader, other);
  expect(server.task("t2")?.title).toBe("Bread");
});

test("over plain HTTP, another tab leads after the lease has ended", async () => {
  const { browser, leader, other } = await openTabs({ locks: false });
  await leader.close();
  browser.now += 20_000;
  browser.timers.fire(5000);
  await until(() => other.leads);
});
