import { beforeEach, describe, expect, test } from "vitest";
import { completeTasks, reopenTasks, skipOccurrences } from "../../src/actions/complete.ts";
import { createTasks } from "../../src/actions/create.ts";
import {
  assignTasks,
  changeTags,
  editTasks,
  setCategory,
  setDueDay,
  setPriority,
} from "../../src/actions/edit.ts";
import { deleteCategory } from "../../src/actions/labels.ts";
import {
  indentTask,
  moveTasks,
  outdentTask,
  reorderTask,
  setParent,
} from "../../src/actions/move.ts";
import { purgeTasks, restoreTasks, trashTasks } from "../../src/actions/trash.ts";
import { redo, undo } from "../../src/actions/undo.ts";
import type { OpenReplica } from "../../src/replica/open.ts";
import { Browser, settle } from "../replica/client.ts";
import { ModelServer } from "../replica/server.ts";

let server: ModelServer;
let replica: OpenReplica;

beforeEach(async () => {
  server = new ModelServer();
  server.putTask("a", { title: "Milk" });
  server.putTask("b", { title: "Bread", due_date: "2026-12-01T09:00:00" });
  server.putTask("c", {
    title: "Rent",
    repeat_rule: "FREQ=DAILY",
    repeat_at: "2026-12-01",
    due_date: "2026-12-01",
  });
  server.putCategory("home", { name: "Home" });
  replica = await new Browser(server).openSynced();
});

/** The tasks in the manual order, as the person sees them. */
function listOrder(): string[] {
  const rows = [...replica.tab.memory.tasks.visible()];
  return rows.sort((one, other) => (one.position < other.position ? -1 : 1)).map(({ id }) => id);
}

describe("what a toast needs", () => {
  test("the title of one task", async () => {
    const done = await setPriority(replica, ["a"], 1);
    expect([done.count, done.title]).toEqual([1, "Milk"]);
  });

  test("the count of several", async () => {
    const done = await setPriority(replica, ["a", "b"], 1);
    expect([done.count, done.title]).toEqual([2, null]);
  });

  test("only the tasks that changed count", async () => {
    await setPriority(replica, ["a"], 1);
    const done = await setPriority(replica, ["a", "b"], 1);
    expect([done.count, done.title]).toEqual([1, "Bread"]);
  });

  test("nothing, if nothing changed", async () => {
    expect(await setPriority(replica, ["a"], 3)).toEqual({ count: 0, title: null, group: null });
  });

  test("ids of deleted tasks are left out", async () => {
    expect((await setPriority(replica, ["gone"], 1)).count).toBe(0);
  });
});

describe("complete", () => {
  test("a task is done", async () => {
    await completeTasks(replica, ["a"]);
    expect(replica.task("a")).toMatchObject({ status: "done", completed_at: expect.any(String) });
  });

  test("of a repeating task, the occurrence ends", async () => {
    await completeTasks(replica, ["c"]);
    await settle(replica);
    expect(server.task("c")).toMatchObject({ status: "todo", repeat_at: "2026-12-02" });
  });

  test("a second tap ends no second occurrence", async () => {
    server.fault = () => "lose request";
    const first = completeTasks(replica, ["c"]);
    server.putTask("c", { repeat_at: "2026-12-02", repeat_gone: 1 });
    await first;
    server.fault = () => null;
    replica.sync();
    await settle(replica);
    expect(server.task("c")?.repeat_at).toBe("2026-12-02");
  });

  test("open sub-tasks are completed too, if asked", async () => {
    await setParent(replica, ["b"], "a");
    await completeTasks(replica, ["a"], "complete");
    expect(replica.task("b")?.status).toBe("done");
  });

  test("a done task is open again", async () => {
    await completeTasks(replica, ["a"]);
    await reopenTasks(replica, ["a", "b"]);
    expect(replica.task("a")).toMatchObject({ status: "todo", completed_at: null });
  });

  test("only repeating tasks are skipped", async () => {
    expect((await skipOccurrences(replica, ["a", "c"])).count).toBe(1);
  });
});

describe("edit", () => {
  test("a new day keeps the time of day", async () => {
    await setDueDay(replica, ["a", "b"], "2026-12-24");
    expect(replica.task("a")?.due_date).toBe("2026-12-24");
    expect(replica.task("b")?.due_date).toBe("2026-12-24T09:00:00");
  });

  test("without a due date, a task does not repeat", async () => {
    await setDueDay(replica, ["c"], null);
    expect(replica.task("c")).toMatchObject({ due_date: null, repeat_rule: null });
  });

  test("tags are added and removed", async () => {
    await changeTags(replica, ["a"], { add: ["x", "y"] });
    await changeTags(replica, ["a"], { add: ["z"], remove: ["x"] });
    expect(replica.task("a")?.tag_ids).toEqual(["y", "z"]);
  });

  test("a task is filed, assigned and renamed", async () => {
    await setCategory(replica, ["a"], "home");
    await assignTasks(replica, ["a"], "u1");
    await editTasks(replica, ["a"], { title: "Oat milk" });
    const expected = { category_id: "home", assignee: "u1", title: "Oat milk" };
    expect(replica.task("a")).toMatchObject(expected);
  });

  test("many tasks change in one group", async () => {
    const tasks = Array.from({ length: 1000 }, (_, n) => ({ title: `Task ${n}` }));
    server.fault = () => "lose request";
    const { ids } = await createTasks(replica, tasks);
    const done = await setPriority(replica, ids, 1);
    await undo(replica, done);
    expect(done.count).toBe(1000);
    expect(replica.task(ids[999] ?? "")?.priority).toBe(3);
  });
});

describe("move", () => {
  test("tasks move together and keep their order", async () => {
    await moveTasks(replica, ["b", "c"], { before: "a" });
    expect(listOrder()).toEqual(["b", "c", "a"]);
  });

  test("the server has the same order", async () => {
    await moveTasks(replica, ["c", "a"], { at: "end" });
    const shown = listOrder();
    await settle(replica);
    expect(listOrder()).toEqual(shown);
    expect(shown).toEqual(["b", "c", "a"]);
  });

  test("a step up passes the task above in the list", async () => {
    await reorderTask(replica, "c", -1, ["a", "c"]);
    expect(listOrder()).toEqual(["c", "a", "b"]);
  });

  test("the first task has no step up", async () => {
    expect((await reorderTask(replica, "a", -1, ["a", "b"])).count).toBe(0);
  });

  test("indenting makes a sub-task of the task above", async () => {
    await indentTask(replica, "b", ["a", "b"]);
    expect(replica.task("b")?.parent).toBe("a");
  });

  test("a raised task follows its former parent", async () => {
    await setParent(replica, ["c"], "a");
    await outdentTask(replica, "c");
    expect(replica.task("c")?.parent).toBe(null);
    expect(listOrder()).toEqual(["a", "c", "b"]);
  });

  test("a task cannot be below itself", async () => {
    await setParent(replica, ["b"], "a");
    expect((await setParent(replica, ["a"], "b")).count).toBe(0);
  });
});

describe("trash", () => {
  test("sub-tasks follow, and are not counted", async () => {
    await setParent(replica, ["b"], "a");
    const done = await trashTasks(replica, ["a", "b"]);
    expect(done.count).toBe(1);
    expect(replica.count("trash", "")).toBe(2);
  });

  test("restoring restores what was trashed with it", async () => {
    await setParent(replica, ["b"], "a");
    await trashTasks(replica, ["a"]);
    await restoreTasks(replica, ["a"]);
    expect(replica.count("trash", "")).toBe(0);
  });

  test("a purged task is gone", async () => {
    await purgeTasks(replica, ["a"]);
    await settle(replica);
    expect([replica.task("a"), server.task("a")]).toEqual([undefined, undefined]);
  });
});

describe("create", () => {
  test("missing categories and tags are created first, each once", async () => {
    const { ids } = await createTasks(replica, [
      { title: "One", category: "Garden", tags: ["phone"] },
      { title: "Two", category: "garden", tags: ["Phone"] },
    ]);
    await settle(replica);
    const [one, two] = ids.map((id) => server.task(id));
    expect([...server.categories.values()].map(({ name }) => name)).toEqual(["Home", "Garden"]);
    expect(one?.category_id).toBe(two?.category_id);
    expect(one?.tag_ids).toEqual(two?.tag_ids);
  });

  test("known categories are found without regard to case", async () => {
    const { ids } = await createTasks(replica, [{ title: "One", category: "HOME" }]);
    expect(replica.task(ids[0] ?? "")?.category_id).toBe("home");
  });

  test("the page gives defaults, the text decides", async () => {
    const fields = { due_date: "2026-12-01", priority: 2 as const, tag_ids: ["x"] };
    const task = { title: "One", priority: 1, tags: ["y"] };
    const { ids } = await createTasks(replica, [task], { fields });
    const [tag] = replica.tags.value;
    const expected = { due_date: "2026-12-01", priority: 1, tag_ids: ["x", tag?.id] };
    expect(replica.task(ids[0] ?? "")).toMatchObject(expected);
  });

  test("indented lines become sub-tasks", async () => {
    const { ids } = await createTasks(replica, [{ title: "One" }, { title: "Two", below: 0 }]);
    await settle(replica);
    expect(server.task(ids[1] ?? "")?.parent).toBe(ids[0]);
  });

  test("several tasks keep their order at a place", async () => {
    const tasks = [{ title: "One" }, { title: "Two" }];
    const { ids } = await createTasks(replica, tasks, { place: { after: "a" } });
    await settle(replica);
    expect(listOrder()).toEqual(["a", ...ids, "b", "c"]);
  });

  test("the parent is found by its number", async () => {
    const number = replica.task("a")?.number;
    const { ids } = await createTasks(replica, [{ title: "One", parent: number ?? 0 }]);
    expect(replica.task(ids[0] ?? "")?.parent).toBe("a");
  });

  test("me is the person", async () => {
    const { ids } = await createTasks(replica, [{ title: "One", assignee: "me" }]);
    expect(replica.task(ids[0] ?? "")?.assignee).toBe(replica.person.id);
  });
});

test("the tasks of a deleted category are shown in the other one", async () => {
  await setCategory(replica, ["a"], "home");
  await deleteCategory(replica, "home", null);
  expect(replica.task("a")?.deleted_at).not.toBe(null);
  expect(replica.categories.value).toEqual([]);
});

test("undo and redo", async () => {
  await editTasks(replica, ["a"], { title: "x" });
  await undo(replica);
  await redo(replica);
  expect(replica.task("a")?.title).toBe("x");
});
