/** Adding again what another person has deleted. */
import { expect, test } from "vitest";
import { applyRefused } from "../../src/actions/conflicts.ts";
import type { Change } from "../../src/replica/replica.ts";
import { Browser, settle } from "./client.ts";
import { ModelServer } from "./server.ts";

/** A change is made offline, the other side deletes the row, and the person adds it again. */
async function addAgain(change: Change, remove: (server: ModelServer) => void) {
  const server = new ModelServer();
  server.putTask("t1", { title: "Milk", description: "a" });
  server.putCategory("c1", { name: "Home", color: "red" });
  const replica = await new Browser(server).openSynced();
  server.fault = () => "lose request";
  await replica.write([change]);
  await settle(replica);
  remove(server);
  server.fault = () => null;
  replica.sync();
  await settle(replica);
  for (const refused of replica.refused.value) await applyRefused(replica, refused);
  await settle(replica);
  return { server, replica };
}

const PRIORITY: Change = { kind: "task", action: "update", id: "t1", set: { priority: 1 } };

test("a category in the trash is created again", async () => {
  const { server, replica } = await addAgain(
    { kind: "category", action: "update", id: "c1", set: { color: "blue" } },
    (model) => model.putCategory("c1", { deleted_at: "2026-11-27" }),
  );
  const rows = [...server.categories.values()].filter(({ deleted_at }) => deleted_at === null);
  expect(rows).toMatchObject([{ name: "Home", color: "blue" }]);
  expect(replica.status.value.conflicts).toBe(0);
});

test("a task that is gone when the log was too old is added again", async () => {
  const { server } = await addAgain(PRIORITY, (model) => {
    model.tasks.delete("t1");
    model.revision += 10;
    model.oldest = model.revision;
  });
  expect([...server.tasks.values()]).toMatchObject([
    { title: "Milk", description: "a", priority: 1 },
  ]);
});

test("a change of a row of which nothing is known still waits", async () => {
  const { replica } = await addAgain({ ...PRIORITY, id: "t9" }, () => undefined);
  expect(replica.status.value.conflicts).toBe(1);
});
