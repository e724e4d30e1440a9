import { expect, it } from "vitest";
import { placeTasks, reorderTask } from "../../src/actions/move.ts";
import { HARBOUR } from "../example/harbour.ts";
import { ExampleReplica, makeTask } from "../example/replica.ts";

const TASKS = [
  makeTask({ id: "a" }),
  makeTask({ id: "parent" }),
  makeTask({ id: "child", parent: "parent" }),
  makeTask({ id: "z" }),
];
const SHOWN = ["a", "parent", "child", "z"];

function open() {
  return new ExampleReplica({ ...HARBOUR, tasks: TASKS });
}

it("moves a task past the sub-tasks of the next one", async () => {
  const replica = open();
  await reorderTask(replica, "z", -1, SHOWN);
  expect(replica.written).toEqual([
    { kind: "task", action: "move", id: "z", place: { before: "parent" } },
  ]);
});

it("moves a task with its own sub-tasks past the next one", async () => {
  const replica = open();
  await reorderTask(replica, "parent", 1, SHOWN);
  expect(replica.written).toEqual([
    { kind: "task", action: "move", id: "parent", place: { after: "z" } },
  ]);
});

it("keeps a sub-task among its siblings", async () => {
  const replica = open();
  expect((await reorderTask(replica, "child", 1, SHOWN)).count).toBe(0);
});

it("sets fields and the place of a task", async () => {
  const replica = open();
  await placeTasks(replica, ["z"], () => ({ parent: "parent" }), { after: "child" });
  expect(replica.written).toEqual([
    { kind: "task", action: "update", id: "z", set: { parent: "parent" } },
    { kind: "task", action: "move", id: "z", place: { after: "child" } },
  ]);
});

it("leaves out fields that do not change", async () => {
  const replica = open();
  await placeTasks(replica, ["z"], () => ({ parent: null }), { before: "a" });
  expect(replica.written.map(({ action }) => action)).toEqual(["move"]);
});

it("keeps the order of several tasks", async () => {
  const replica = open();
  await placeTasks(replica, ["a", "parent"], () => ({}), { after: "z" });
  expect(replica.written.map((change) => "place" in change && change.place)).toEqual([
    { after: "z" },
    { after: "a" },
  ]);
});

it("does not put a task below itself", async () => {
  const replica = open();
  await placeTasks(replica, ["parent"], () => ({ parent: "child" }), { after: "child" });
  expect(replica.written).toEqual([]);
});
