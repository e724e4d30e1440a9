/** What is stored: blocks, patches, folding and a full storage. */
import { expect, test, vi } from "vitest";
import { MAX_PATCHES } from "../../src/replica/fold.ts";
import type { OpenReplica } from "../../src/replica/open.ts";
import { addTask, Browser, settle } from "./client.ts";
import { ModelServer } from "./server.ts";

function fill(server: ModelServer, count: number, from = 0): void {
  for (let n = from; n < from + count; n += 1) server.putTask(`t${n}`, {});
}

async function sync(replica: OpenReplica): Promise<void> {
  replica.sync();
  await settle(replica);
}

test("the first walk is stored in blocks, open tasks apart", async () => {
  const server = new ModelServer();
  fill(server, 600);
  for (let n = 0; n < 600; n += 2) server.putTask(`t${n}`, { status: "done" });
  const replica = await new Browser(server).openSynced();
  const { database } = replica.tab;
  expect(await database.count("patches")).toBe(0);
  const blocks = await database.getAll("blocks");
  expect(blocks.map(({ part, rows }) => [part, rows.length])).toEqual([
    ["open", 300],
    ["rest", 300],
  ]);
});

test("single changes are stored as patches", async () => {
  const server = new ModelServer();
  fill(server, 600);
  const replica = await new Browser(server).openSynced();
  server.putTask("t1", { title: "new" });
  await sync(replica);
  expect(await replica.tab.database.getAllKeys("patches")).toEqual(["t1"]);
});

test("patches override the blocks after a reload", async () => {
  const server = new ModelServer();
  fill(server, 600);
  const browser = new Browser(server);
  const replica = await browser.openSynced();
  server.putTask("t1", { title: "new" });
  server.putTask("t2", { status: "done" });
  server.purgeTask("t3");
  await sync(replica);
  await replica.close();
  server.fault = () => "lose request";
  const again = await browser.open();
  await settle(again);
  expect(again.task("t1")?.title).toBe("new");
  expect(again.task("t2")?.status).toBe("done");
  expect(again.task("t3")).toBe(undefined);
  expect(again.count("all", "")).toBe(599);
});

test("many patches are folded into the blocks", async () => {
  const server = new ModelServer();
  fill(server, 3000);
  const browser = new Browser(server);
  const replica = await browser.openSynced();
  for (let n = 0; n <= MAX_PATCHES; n += 1) server.putTask(`t${n}`, { title: "new" });
  server.purgeTask("t0");
  await sync(replica);
  expect(await replica.tab.database.count("patches")).toBe(0);
  await replica.close();
  server.fault = () => "lose request";
  const again = await browser.open();
  await settle(again);
  expect(again.count("all", "")).toBe(2999);
  expect(again.task("t5")?.title).toBe("new");
  expect(again.task("t2999")?.title).toBe("");
});

test("when the storage is full, done tasks are kept in memory only", async () => {
  const server = new ModelServer();
  const browser = new Browser(server);
  const replica = await browser.openSynced();
  fill(server, 4);
  server.putTask("t1", { status: "done" });
  failOnce();
  await sync(replica);
  expect(replica.task("t1")?.status).toBe("done");
  expect((await replica.tab.database.getAllKeys("patches")).sort()).toEqual(["t0", "t2", "t3"]);
  expect(replica.tab.state.peek().partial).toBe(true);
});

test("after a full storage, a reload fetches all rows again", async () => {
  const server = new ModelServer();
  const browser = new Browser(server);
  const replica = await browser.openSynced();
  fill(server, 4);
  server.putTask("t1", { status: "done" });
  failOnce();
  await sync(replica);
  await replica.close();
  const again = await browser.openSynced();
  await settle(again);
  expect(again.count("all", "")).toBe(4);
});

test("a change that cannot be stored is taken back", async () => {
  const server = new ModelServer();
  const browser = new Browser(server);
  await browser.openSynced();
  const other = await browser.open();
  failOnce();
  await expect(addTask(other, "t1")).rejects.toThrow(DOMException);
  expect(other.task("t1")).toBe(undefined);
});

/** Let the next write fail because the storage is full. */
function failOnce(): void {
  const error = new DOMException("full", "QuotaExceededError");
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementationOnce(() => {
    throw error;
  });
}

test("a draft outlives the tab", async () => {
  const browser = new Browser(new ModelServer());
  const replica = await browser.openSynced();
  await replica.saveDraft("description:t1", "half a thought");
  await replica.close();
  const again = await browser.open();
  expect(await again.readDraft("description:t1")).toBe("half a thought");
});
