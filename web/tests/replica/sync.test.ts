import { expect, test } from "vitest";
import { Browser, settle } from "./client.ts";
import { ModelServer } from "./server.ts";

test("a new task is visible at once", async () => {
  const replica = await new Browser(new ModelServer()).openSynced();
  void replica.write([{ kind: "task", action: "create", id: "t1", set: { title: "Milk" } }]);
  expect(replica.task("t1")?.title).toBe("Milk");
  await replica.close();
});

test("a new task reaches the server", async () => {
  const server = new ModelServer();
  const replica = await new Browser(server).openSynced();
  await replica.write([{ kind: "task", action: "create", id: "t1", set: { title: "Milk" } }]);
  await settle(replica);
  expect(server.task("t1")?.title).toBe("Milk");
  expect(replica.task("t1")?.number).toBe(1);
  expect(replica.status.value.unsent).toBe(0);
  await replica.close();
});

test("the first walk fetches page after page", async () => {
  const server = new ModelServer();
  for (let n = 0; n < 25; n += 1) server.putTask(`t${n}`, { title: `Task ${n}` });
  server.pageSize = 10;
  const replica = await new Browser(server).openSynced();
  expect(replica.count("all", "")).toBe(25);
  await replica.close();
});
