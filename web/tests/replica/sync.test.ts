/** One client and the server: walking, sending, losing connections, and what a session can meet. */
import { expect, test } from "vitest";
import { SHAPE } from "../../src/replica/disk.ts";
import { addTask, Browser, nextTurn, setFields, settle, until } from "./client.ts";
import { ModelServer, problem } from "./server.ts";

async function openPair() {
  const server = new ModelServer();
  const browser = new Browser(server);
  const replica = await browser.openSynced();
  return { server, browser, replica };
}

test("a new task is visible at once", async () => {
  const { replica } = await openPair();
  void addTask(replica, "t1", "Milk");
  expect(replica.task("t1")?.title).toBe("Milk");
});

test("a new task reaches the server and gets its number", async () => {
  const { server, replica } = await openPair();
  await addTask(replica, "t1", "Milk");
  await settle(replica);
  expect(server.task("t1")?.title).toBe("Milk");
  expect(replica.task("t1")?.number).toBe(1);
  expect(replica.status.value.unsent).toBe(0);
});

test("the first walk fetches page after page", async () => {
  const server = new ModelServer();
  for (let n = 0; n < 25; n += 1) server.putTask(`t${n}`, {});
  server.pageSize = 10;
  const replica = await new Browser(server).openSynced();
  expect(replica.count("all", "")).toBe(25);
  expect(server.requests.filter((line) => line.includes("changes"))).toHaveLength(3);
});

test("an interrupted walk continues after a reload", async () => {
  const server = new ModelServer();
  for (let n = 0; n < 20; n += 1) server.putTask(`t${n}`, {});
  server.pageSize = 5;
  const browser = new Browser(server);
  let pages = 0;
  server.fault = (path) => (path.endsWith("/changes") && ++pages > 2 ? "lose request" : null);
  const first = await browser.open();
  await until(() => first.status.peek().loaded === 10);
  await first.close();
  server.fault = () => null;
  server.requests.length = 0;
  const second = await browser.openSynced();
  expect(second.count("all", "")).toBe(20);
  expect(server.requests.filter((line) => line.includes("changes"))).toHaveLength(2);
});

test("what is stored is shown without the server", async () => {
  const { server, browser, replica } = await openPair();
  server.putTask("t1", { title: "Milk" });
  replica.sync();
  await settle(replica);
  await replica.close();
  server.fault = () => "lose request";
  const again = await browser.open();
  expect(again.task("t1")?.title).toBe("Milk");
});

test("changes are kept over a reload and sent later", async () => {
  const { server, browser, replica } = await openPair();
  server.fault = () => "lose request";
  await addTask(replica, "t1", "Milk");
  await replica.close();
  const again = await browser.open();
  expect(again.task("t1")?.title).toBe("Milk");
  server.fault = () => null;
  again.sync();
  await settle(again);
  expect(server.task("t1")?.title).toBe("Milk");
});

test("a request whose answer was lost is repeated byte for byte", async () => {
  const { server, browser, replica } = await openPair();
  let isLost = false;
  server.fault = (path) => {
    const fault = path.endsWith("/bulk") && !isLost ? "lose answer" : null;
    isLost ||= fault !== null;
    return fault;
  };
  await addTask(replica, "t1", "Milk");
  await settle(replica);
  await addTask(replica, "t2", "Bread");
  browser.timers.fire(2000);
  await settle(replica);
  expect(server.executed).toHaveLength(2);
  expect([...server.tasks.keys()]).toEqual(["t1", "t2"]);
});

test("a create that is repeated after its key expired is done", async () => {
  const { server, browser, replica } = await openPair();
  server.fault = (path) => (path.endsWith("/bulk") ? "lose answer" : null);
  await addTask(replica, "t1", "Milk");
  await settle(replica);
  server.forgetKeys();
  server.fault = () => null;
  browser.timers.fire(2000);
  await settle(replica);
  expect(replica.status.value).toMatchObject({ unsent: 0, conflicts: 0 });
});

test("changes of one field are joined until they are sent", async () => {
  const { server, replica } = await openPair();
  await addTask(replica, "t1", "Milk");
  await settle(replica);
  server.fault = () => "lose request";
  replica.sync();
  await settle(replica);
  for (const title of ["O", "Oa", "Oat milk"]) await setFields(replica, "t1", { title });
  expect(replica.status.value.unsent).toBe(1);
  server.fault = () => null;
  replica.sync();
  await settle(replica);
  expect(server.task("t1")?.title).toBe("Oat milk");
});

test("each task occurs once per request", async () => {
  const { server, replica } = await openPair();
  server.fault = () => "lose request";
  await addTask(replica, "t1");
  await replica.write([{ kind: "task", action: "move", id: "t1", place: { at: "start" } }]);
  server.fault = () => null;
  replica.sync();
  await settle(replica);
  const operations = server.executed.map((text) => JSON.parse(text).operations.length);
  expect(operations).toEqual([1, 1]);
});

test("at most 100 operations are in one request", async () => {
  const { server, replica } = await openPair();
  const ids = Array.from({ length: 250 }, (_, n) => `t${n}`);
  await replica.write(
    ids.map((id) => ({ kind: "task", action: "create", id, set: { title: id } }) as const),
  );
  await settle(replica);
  const operations = server.executed.map((text) => JSON.parse(text).operations.length);
  expect(operations).toEqual([100, 100, 50]);
});

test("a request that is refused as a whole is sent entry by entry", async () => {
  const { server, replica } = await openPair();
  server.override = (path) =>
    path.endsWith("/bulk") && server.requests.filter((line) => line.includes("bulk")).length === 1
      ? problem(422, "validation_failed")
      : null;
  await replica.write(
    ["t1", "t2"].map((id) => ({ kind: "task", action: "create", id, set: { title: id } }) as const),
  );
  await settle(replica);
  expect([...server.tasks.keys()]).toEqual(["t1", "t2"]);
});

test("a refused entry is undone and waits for the person", async () => {
  const { server, replica } = await openPair();
  server.override = (path) => (path.endsWith("/bulk") ? problem(422, "validation_failed") : null);
  await addTask(replica, "t1", "Milk");
  await settle(replica);
  expect(replica.task("t1")).toBe(undefined);
  expect(replica.refused.value[0]).toMatchObject({
    reason: "refused",
    problem: { code: "validation_failed" },
  });
  expect(replica.status.value).toMatchObject({ unsent: 0, conflicts: 1 });
});

test("after a 401 nothing is sent and everything is kept", async () => {
  const { server, replica } = await openPair();
  server.override = () => problem(401, "unauthenticated");
  await addTask(replica, "t1", "Milk");
  await settle(replica);
  expect(replica.status.value).toMatchObject({ signedOut: true, unsent: 1 });
  const requests = server.requests.length;
  await addTask(replica, "t2", "Bread");
  await settle(replica);
  expect(server.requests).toHaveLength(requests);
});

test("after signing in again, the outbox is sent", async () => {
  const { server, replica } = await openPair();
  server.override = () => problem(401, "unauthenticated");
  await addTask(replica, "t1", "Milk");
  await settle(replica);
  server.override = () => null;
  replica.sync();
  await settle(replica);
  expect(server.task("t1")?.title).toBe("Milk");
  expect(replica.status.value.signedOut).toBe(false);
});

test("after a 410 the rows are fetched again and the outbox is kept", async () => {
  const { server, replica } = await openPair();
  server.putTask("t1", { title: "Milk" });
  replica.sync();
  await settle(replica);
  server.fault = (path) => (path.endsWith("/bulk") ? "lose request" : null);
  await addTask(replica, "t2", "Bread");
  server.tasks.delete("t1");
  server.revision += 10;
  server.oldest = server.revision;
  server.putTask("t3", { title: "Rice" });
  server.fault = () => null;
  replica.sync();
  await settle(replica);
  expect([replica.task("t1"), replica.task("t3")?.title]).toEqual([undefined, "Rice"]);
  expect(server.task("t2")?.title).toBe("Bread");
});

test("rows of another shape are fetched again and the outbox is kept", async () => {
  const { server, browser, replica } = await openPair();
  server.putTask("t1", { title: "Milk" });
  replica.sync();
  await settle(replica);
  server.fault = (path) => (path.endsWith("/bulk") ? "lose request" : null);
  await addTask(replica, "t2", "Bread");
  await settle(replica);
  const { database } = replica.tab;
  await database.put("meta", { ...replica.tab.state.peek(), shape: SHAPE - 1 }, "state");
  await replica.close();
  server.fault = () => null;
  const again = await browser.openSynced();
  expect(again.task("t1")?.title).toBe("Milk");
  expect(server.task("t2")?.title).toBe("Bread");
});

test("a workspace that is not found is wiped", async () => {
  const { server, replica, browser } = await openPair();
  server.override = () => problem(404, "not_found");
  replica.sync();
  await until(() => replica.status.peek().removed);
  await until(() => replica.closed.peek());
  await settle(replica);
  const names = (await indexedDB.databases()).map(({ name }) => name);
  expect(names).not.toContain(browser.name);
});

test("a page of a proxy is not taken for an answer", async () => {
  const { server, replica } = await openPair();
  server.override = () => ({ status: 404 });
  await addTask(replica, "t1", "Milk");
  await settle(replica);
  expect(replica.status.value).toMatchObject({ removed: false, unsent: 1 });
});

test("events of one moment cause one request", async () => {
  const { server, browser, replica } = await openPair();
  await until(() => server.streams === 1);
  server.requests.length = 0;
  for (let n = 0; n < 5; n += 1) server.putTask(`t${n}`, {});
  await until(() => browser.timers.list().includes(50));
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  browser.timers.fire(50);
  await settle(replica);
  expect(replica.count("all", "")).toBe(5);
  expect(server.requests).toEqual(["GET /api/v1/changes"]);
});

test("an idle tab has one open stream and sends nothing", async () => {
  const { server, browser, replica } = await openPair();
  await until(() => server.streams === 1);
  server.requests.length = 0;
  browser.timers.fire(60_000);
  await settle(replica);
  expect(server.requests).toEqual([]);
});

test("a stream that ends is opened again after a pause", async () => {
  const { server, browser } = await openPair();
  await until(() => server.streams === 1);
  server.endStreams();
  await until(() => browser.timers.list().some((pause) => pause <= 1000));
  browser.timers.fire(1000);
  await until(() => server.streams === 1);
});

test("a failure is retried after a pause that grows", async () => {
  const { server, browser, replica } = await openPair();
  server.fault = () => "lose request";
  replica.sync();
  await settle(replica);
  const [first = 0] = browser.timers.list().filter((pause) => pause < 60_000);
  browser.timers.fire(first);
  await settle(replica);
  const [second = 0] = browser.timers.list().filter((pause) => pause < 60_000);
  expect(first).toBeGreaterThanOrEqual(500);
  expect(second).toBeGreaterThanOrEqual(1000);
  expect(replica.status.value.online).toBe(false);
});

test("a busy server is not asked again before the time it names", async () => {
  const { server, browser, replica } = await openPair();
  server.fault = () => "busy";
  await addTask(replica, "t1");
  await settle(replica);
  const requests = server.requests.length;
  await addTask(replica, "t2");
  await settle(replica);
  expect(server.requests).toHaveLength(requests);
  expect(browser.timers.list().some((pause) => pause >= 1000 && pause < 5000)).toBe(true);
});

test("nothing is sent in the session of another person, and everything is kept", async () => {
  const server = new ModelServer();
  server.putTask("t1", {});
  const browser = new Browser(server);
  const first = await browser.openSynced();
  server.fault = () => "lose request";
  await setFields(first, "t1", { title: "Mine" });
  await settle(first);
  await first.close();
  server.fault = () => null;
  server.person = "u2";
  const replica = await browser.open();
  await until(() => replica.status.peek().signedOut);
  await settle(replica);
  expect(server.executed).toEqual([]);
  expect(replica.status.value).toMatchObject({ removed: false, unsent: 1 });
});

test("a workspace that another person cannot see is not wiped", async () => {
  const { server, replica } = await openOffline();
  server.fault = () => null;
  server.person = "u2";
  server.override = (path) => (path === "/auth/me" ? null : problem(404, "not_found"));
  replica.sync();
  await until(() => replica.status.peek().signedOut);
  expect(replica.status.value).toMatchObject({ removed: false, unsent: 1 });
});

/** A replica with everything, and a change that is not sent. */
async function openOffline() {
  const server = new ModelServer();
  server.putTask("t1", {});
  const replica = await new Browser(server).openSynced();
  server.fault = () => "lose request";
  await setFields(replica, "t1", { title: "Mine" });
  await settle(replica);
  return { server, replica };
}
