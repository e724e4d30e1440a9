import { expect, test } from "vitest";
import type { TaskRow } from "../../src/domain/rows.ts";
import type { OpenReplica } from "../../src/replica/open.ts";
import type { Change } from "../../src/replica/replica.ts";
import { addTask, Browser, setFields, settle } from "./client.ts";
import { ModelServer } from "./server.ts";

async function openWith(values: Partial<TaskRow> = {}) {
  const server = new ModelServer();
  server.putTask("t0", { title: "First" });
  server.putTask("t1", { title: "Milk", tag_ids: ["a"], ...values });
  server.putTask("t2", { title: "Last" });
  const replica = await new Browser(server).openSynced();
  return { server, replica };
}

/** Write, send, undo, send. */
async function writeAndUndo(replica: OpenReplica, changes: Change[]): Promise<void> {
  await replica.write(changes);
  await settle(replica);
  await replica.undo();
  await settle(replica);
}

test("undo writes the old values", async () => {
  const { server, replica } = await openWith();
  await writeAndUndo(replica, [
    { kind: "task", action: "update", id: "t1", set: { title: "x", priority: 1 } },
  ]);
  expect(server.task("t1")).toMatchObject({ title: "Milk", priority: 3 });
});

test("undo is shown at once and works offline", async () => {
  const { server, replica } = await openWith();
  server.fault = () => "lose request";
  await setFields(replica, "t1", { title: "x" });
  void replica.undo();
  expect(replica.task("t1")?.title).toBe("Milk");
});

test("undo keeps the tags that others have added since", async () => {
  const { server, replica } = await openWith();
  await setFields(replica, "t1", { tag_ids: ["b"] });
  await settle(replica);
  server.putTask("t1", { tag_ids: ["b", "other"] });
  replica.sync();
  await settle(replica);
  await replica.undo();
  await settle(replica);
  expect(server.task("t1")?.tag_ids).toEqual(["other", "a"]);
});

test("undo of a create moves the task to the trash", async () => {
  const { server, replica } = await openWith();
  await writeAndUndo(replica, [
    { kind: "task", action: "create", id: "t9", set: { title: "New" } },
  ]);
  expect(server.task("t9")?.deleted_at).not.toBe(null);
});

test("undo of trashing restores the sub-tasks too", async () => {
  const { server, replica } = await openWith();
  server.putTask("t3", { parent: "t1" });
  replica.sync();
  await settle(replica);
  await writeAndUndo(replica, [{ kind: "task", action: "trash", id: "t1" }]);
  expect([server.task("t1")?.deleted_at, server.task("t3")?.deleted_at]).toEqual([null, null]);
});

test("undo of a move returns the task to its place", async () => {
  const { server, replica } = await openWith();
  await writeAndUndo(replica, [{ kind: "task", action: "move", id: "t1", place: { at: "end" } }]);
  const order = [...server.tasks.values()].sort((a, b) =>
    String(a.position) < String(b.position) ? -1 : 1,
  );
  expect(order.map(({ id }) => id)).toEqual(["t0", "t1", "t2"]);
});

test("one undo reverts the whole group", async () => {
  const { replica } = await openWith();
  await replica.write(
    ["t0", "t1", "t2"].map(
      (id) => ({ kind: "task", action: "update", id, set: { priority: 1 } }) as const,
    ),
  );
  await replica.undo();
  expect(["t0", "t1", "t2"].map((id) => replica.task(id)?.priority)).toEqual([3, 3, 3]);
});

test("a named group is undone, whatever came after it", async () => {
  const { replica } = await openWith();
  const group = await setFields(replica, "t1", { title: "x" });
  await setFields(replica, "t2", { title: "y" });
  await replica.undo(group);
  expect([replica.task("t1")?.title, replica.task("t2")?.title]).toEqual(["Milk", "y"]);
});

test("redo does again what was undone", async () => {
  const { server, replica } = await openWith();
  await setFields(replica, "t1", { title: "x" });
  await replica.undo();
  await replica.redo();
  await settle(replica);
  expect(server.task("t1")?.title).toBe("x");
});

test("a redone change can be undone", async () => {
  const { replica } = await openWith();
  await setFields(replica, "t1", { title: "x" });
  await replica.undo();
  await replica.redo();
  await replica.undo();
  expect(replica.task("t1")?.title).toBe("Milk");
});

test("after a new change, nothing can be redone", async () => {
  const { replica } = await openWith();
  await setFields(replica, "t1", { title: "x" });
  await replica.undo();
  await addTask(replica, "t9");
  await replica.redo();
  expect(replica.task("t1")?.title).toBe("Milk");
});

test("undo of a deleted tag gives it back to its tasks", async () => {
  const { server, replica } = await openWith({ tag_ids: [] });
  await replica.write([{ kind: "tag", action: "create", id: "g1", set: { name: "phone" } }]);
  await setFields(replica, "t1", { tag_ids: ["g1"] });
  await settle(replica);
  await writeAndUndo(replica, [{ kind: "tag", action: "delete", id: "g1" }]);
  const [tag] = replica.tags.value;
  expect(tag?.name).toBe("phone");
  expect(server.task("t1")?.tag_ids).toContain(tag?.id);
});

test("undo of a completed occurrence returns to its due date", async () => {
  const { replica } = await openWith({
    repeat_rule: "FREQ=DAILY",
    repeat_at: "2026-12-01",
    due_date: "2026-12-01",
  });
  await replica.write([{ kind: "task", action: "complete", id: "t1", occurrence: "2026-12-01" }]);
  await settle(replica);
  await replica.undo();
  expect(replica.task("t1")).toMatchObject({ status: "todo", due_date: "2026-12-01" });
});

function listOrder(server: ModelServer): string[] {
  const rows = [...server.tasks.values()];
  return rows
    .sort((a, b) => (String(a.position) < String(b.position) ? -1 : 1))
    .map(({ id }) => id);
}

test("undo of moving adjacent tasks returns each to its place", async () => {
  const { server, replica } = await openWith();
  server.putTask("t3", {});
  replica.sync();
  await settle(replica);
  await writeAndUndo(
    replica,
    ["t0", "t1"].map((id) => ({ kind: "task", action: "move", id, place: { at: "end" } })),
  );
  expect(listOrder(server)).toEqual(["t0", "t1", "t2", "t3"]);
});

test("undo of two changes of the tags of one task removes the tags of both", async () => {
  const { server, replica } = await openWith();
  await writeAndUndo(replica, [
    { kind: "task", action: "update", id: "t1", set: { tag_ids: ["a", "b"] } },
    { kind: "task", action: "update", id: "t1", set: { tag_ids: ["a", "b", "c"] } },
  ]);
  expect(server.task("t1")?.tag_ids).toEqual(["a"]);
});

const CREATES: Change[] = [
  { kind: "category", action: "create", id: "c1", set: { name: "Garden" } },
  { kind: "tag", action: "create", id: "g1", set: { name: "phone" } },
  {
    kind: "task",
    action: "create",
    id: "t9",
    set: { title: "New", category_id: "c1", tag_ids: ["g1"] },
  },
];

test("undo of a created category and tag deletes them", async () => {
  const { server, replica } = await openWith();
  await writeAndUndo(replica, CREATES);
  expect(server.categories.get("c1")?.deleted_at).not.toBe(null);
  expect(server.tags.get("g1")?.deleted_at).not.toBe(null);
});

test("undo of a created category leaves it if another task has got it", async () => {
  const { server, replica } = await openWith();
  const group = await replica.write(CREATES);
  await setFields(replica, "t1", { category_id: "c1" });
  await settle(replica);
  await replica.undo(group);
  await settle(replica);
  expect(server.task("t1")?.deleted_at).toBe(null);
  expect(server.categories.get("c1")?.deleted_at).toBe(null);
});

test("undo of a created tag leaves it if another task has got it", async () => {
  const { server, replica } = await openWith();
  const group = await replica.write(CREATES);
  await setFields(replica, "t1", { tag_ids: ["g1"] });
  await settle(replica);
  await replica.undo(group);
  await settle(replica);
  expect(server.task("t1")?.tag_ids).toEqual(["g1"]);
  expect(server.tags.get("g1")?.deleted_at).toBe(null);
});

test("redo restores a task together with its category and its tag", async () => {
  const { server, replica } = await openWith();
  await writeAndUndo(replica, CREATES);
  await replica.redo();
  await settle(replica);
  const task = replica.task("t9");
  expect(task?.deleted_at).toBe(null);
  expect(replica.categories.value.map(({ id, name }) => [id, name])).toEqual([
    [task?.category_id, "Garden"],
  ]);
  expect(replica.tags.value.map(({ name }) => name)).toEqual(["phone"]);
  expect(server.task("t9")?.tag_ids).toContain(replica.tags.value[0]?.id);
  expect(replica.status.value).toMatchObject({ unsent: 0, conflicts: 0 });
});
