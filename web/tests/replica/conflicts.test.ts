/** Conflicts from end to end: two persons, one of them offline. */
import { expect, test } from "vitest";
import { applyRefused, dropRefused, takeTheirs } from "../../src/actions/conflicts.ts";
import { editTasks } from "../../src/actions/edit.ts";
import type { TaskRow } from "../../src/domain/rows.ts";
import type { TaskFields } from "../../src/replica/replica.ts";
import { Browser, setFields, settle } from "./client.ts";
import { ModelServer } from "./server.ts";

/** The local side sets fields offline, the other side changes the task, then the network is back. */
async function meet(set: Partial<TaskFields>, change: (server: ModelServer) => void) {
  const server = new ModelServer();
  server.putTask("t1", { title: "Milk", description: "a\nb\nc", tag_ids: ["x"] });
  const replica = await new Browser(server).openSynced();
  server.fault = () => "lose request";
  await setFields(replica, "t1", set);
  await settle(replica);
  change(server);
  server.fault = () => null;
  replica.sync();
  await settle(replica);
  return { server, replica };
}

const put = (values: Partial<TaskRow>) => (server: ModelServer) => server.putTask("t1", values);

test("changes of different fields are both kept", async () => {
  const { server } = await meet({ priority: 1 }, put({ title: "Oat milk" }));
  expect(server.task("t1")).toMatchObject({ priority: 1, title: "Oat milk" });
});

test("tags of both sides are kept", async () => {
  const { server } = await meet({ tag_ids: ["x", "y"] }, put({ tag_ids: ["z"] }));
  expect(server.task("t1")?.tag_ids).toEqual(["z", "y"]);
});

test("the local value of a short field is sent, with a notice", async () => {
  const { server, replica } = await meet({ priority: 1 }, put({ priority: 5 }));
  expect(server.task("t1")?.priority).toBe(1);
  expect(replica.notices.value).toMatchObject([{ id: "t1", field: "priority", theirs: 5 }]);
});

test("the person can take the other value of a notice", async () => {
  const { server, replica } = await meet({ priority: 1 }, put({ priority: 5 }));
  const [notice] = replica.notices.value;
  if (notice !== undefined) await takeTheirs(replica, notice);
  await settle(replica);
  expect(server.task("t1")?.priority).toBe(5);
  expect(replica.notices.value).toEqual([]);
});

test("lines of both sides are kept", async () => {
  const { server } = await meet({ description: "a\nb\nc\nd" }, put({ description: "A\nb\nc" }));
  expect(server.task("t1")?.description).toBe("A\nb\nc\nd");
});

test("two titles wait for the person, and the other side's is shown", async () => {
  const { replica } = await meet({ title: "Rice milk" }, put({ title: "Oat milk" }));
  expect(replica.task("t1")?.title).toBe("Oat milk");
  expect(replica.refused.value).toMatchObject([{ reason: "text", theirs: { title: "Oat milk" } }]);
});

test("keep mine", async () => {
  const { server, replica } = await meet({ title: "Rice milk" }, put({ title: "Oat milk" }));
  const [refused] = replica.refused.value;
  if (refused !== undefined) await applyRefused(replica, refused);
  await settle(replica);
  expect(server.task("t1")?.title).toBe("Rice milk");
  expect(replica.status.value.conflicts).toBe(0);
});

test("keep theirs", async () => {
  const { server, replica } = await meet({ title: "Rice milk" }, put({ title: "Oat milk" }));
  const [refused] = replica.refused.value;
  if (refused !== undefined) await dropRefused(replica, refused);
  await settle(replica);
  expect(server.task("t1")?.title).toBe("Oat milk");
  expect(replica.status.value.conflicts).toBe(0);
});

test("edit both", async () => {
  const { server, replica } = await meet({ title: "Rice milk" }, put({ title: "Oat milk" }));
  const [refused] = replica.refused.value;
  if (refused !== undefined) await applyRefused(replica, refused, { title: "Any milk" });
  await settle(replica);
  expect(server.task("t1")?.title).toBe("Any milk");
});

test("a refused change waits over a reload", async () => {
  const server = new ModelServer();
  server.putTask("t1", { title: "Milk" });
  const browser = new Browser(server);
  const replica = await browser.openSynced();
  server.fault = () => "lose request";
  await setFields(replica, "t1", { title: "Rice milk" });
  server.putTask("t1", { title: "Oat milk" });
  server.fault = () => null;
  replica.sync();
  await settle(replica);
  await replica.close();
  const again = await browser.open();
  expect(again.refused.value).toHaveLength(1);
});

test("restore and apply", async () => {
  const { server, replica } = await meet({ title: "Rice milk" }, put({ deleted_at: "2026-11-27" }));
  const [refused] = replica.refused.value;
  expect(refused?.reason).toBe("trashed");
  if (refused !== undefined) await applyRefused(replica, refused);
  await settle(replica);
  expect(server.task("t1")).toMatchObject({ title: "Rice milk", deleted_at: null });
});

test("add again", async () => {
  const { server, replica } = await meet({ title: "Rice milk" }, (model) => model.purgeTask("t1"));
  const [refused] = replica.refused.value;
  expect(refused?.reason).toBe("gone");
  if (refused !== undefined) await applyRefused(replica, refused);
  await settle(replica);
  const [task] = [...server.tasks.values()];
  expect(task).toMatchObject({ title: "Rice milk", description: "a\nb\nc", tag_ids: ["x"] });
});

test("a category that another client has created under the same name is used", async () => {
  const server = new ModelServer();
  server.putTask("t1", {});
  const replica = await new Browser(server).openSynced();
  server.fault = () => "lose request";
  await replica.write([
    { kind: "category", action: "create", id: "c1", set: { name: "Home" } },
    { kind: "task", action: "update", id: "t1", set: { category_id: "c1" } },
  ]);
  server.putCategory("c2", { name: "Home" });
  server.fault = () => null;
  replica.sync();
  await settle(replica);
  expect(server.task("t1")?.category_id).toBe("c2");
  expect(replica.categories.value.map(({ id }) => id)).toEqual(["c2"]);
  expect(replica.status.value).toMatchObject({ unsent: 0, conflicts: 0 });
});

test("a category that was changed is renamed all the same, with a notice", async () => {
  const server = new ModelServer();
  server.putCategory("c1", { name: "Home" });
  const replica = await new Browser(server).openSynced();
  server.fault = () => "lose request";
  await replica.write([{ kind: "category", action: "update", id: "c1", set: { name: "House" } }]);
  server.putCategory("c1", { name: "Flat" });
  server.fault = () => null;
  replica.sync();
  await settle(replica);
  expect(replica.categories.value[0]?.name).toBe("House");
  expect(replica.notices.value).toMatchObject([{ kind: "category", field: "name" }]);
});

/** The person begins to edit, the other side's change arrives, then the edit is saved. */
async function editLate(field: "title" | "description", ours: string, theirs: string) {
  const server = new ModelServer();
  server.putTask("t1", { title: "Milk", description: "a\nb\nc" });
  const replica = await new Browser(server).openSynced();
  const row = replica.task("t1");
  const base = { values: { [field]: row?.[field] }, revision: row?.revision ?? 0 };
  server.putTask("t1", { [field]: theirs });
  replica.sync();
  await settle(replica);
  return { server, replica, save: () => editTasks(replica, ["t1"], { [field]: ours }, base) };
}

test("a text that changed during the edit waits for the person", async () => {
  const { server, replica, save } = await editLate("title", "Rice milk", "Oat milk");
  await save();
  await settle(replica);
  expect(server.task("t1")?.title).toBe("Oat milk");
  expect(replica.refused.value).toMatchObject([{ reason: "text", theirs: { title: "Oat milk" } }]);
});

test("lines that changed during the edit are kept", async () => {
  const { server, replica, save } = await editLate("description", "a\nb\nc\nd", "A\nb\nc");
  await save();
  await settle(replica);
  expect(server.task("t1")?.description).toBe("A\nb\nc\nd");
});

test("an edit is merged although a later change of another field waits", async () => {
  const { server, replica, save } = await editLate("title", "Rice milk", "Oat milk");
  server.fault = () => "lose request";
  await setFields(replica, "t1", { priority: 1 });
  await save();
  server.fault = () => null;
  replica.sync();
  await settle(replica);
  expect(server.task("t1")).toMatchObject({ title: "Oat milk", priority: 1 });
});

test("a text of an edit that conflicts can be kept", async () => {
  const { server, replica, save } = await editLate("title", "Rice milk", "Oat milk");
  await save();
  await settle(replica);
  const [refused] = replica.refused.value;
  if (refused !== undefined) await applyRefused(replica, refused);
  await settle(replica);
  expect(server.task("t1")?.title).toBe("Rice milk");
});
