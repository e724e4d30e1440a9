/** Rows, indexes and signals: what a change costs does not grow with the number of rows. */
import { effect } from "@preact/signals";
import { expect, test } from "vitest";
import type { TaskRow } from "../../src/domain/rows.ts";
import type { AnyEffect, Entry } from "../../src/replica/entry.ts";
import { Memory } from "../../src/replica/memory.ts";
import { makeTask } from "./tasks.ts";

function makeMemory(count: number): Memory {
  const memory = new Memory((task) => task.due_date?.slice(0, 10) ?? "none");
  memory.change(() => {
    for (let n = 0; n < count; n += 1) {
      memory.tasks.setServer(`t${n}`, makeTask(`t${n}`, { number: n, category_id: `c${n % 10}` }));
    }
  });
  return memory;
}

function makeEntry(key: string, effects: AnyEffect[]): Entry {
  return {
    version: 1,
    key,
    group: "g",
    at: "",
    change: { kind: "task", action: "update", id: "t1", set: {} },
    before: {},
    effects,
    ifRevision: 1,
    after: null,
    state: "waiting",
    edit: 1,
    attempts: 0,
    doneAt: null,
    madeRevision: null,
  };
}

/** Count the runs of an effect after its first one. */
function countRuns(read: () => unknown): { runs: number } {
  const counter = { runs: -1 };
  effect(() => {
    read();
    counter.runs += 1;
  });
  return counter;
}

test("of 10,000 rows, a change notifies its row and its buckets once", () => {
  const memory = makeMemory(10_000);
  const rows = Array.from({ length: 40 }, (_, n) => {
    const signal = memory.mounted.watch(`t${n}`);
    return countRuns(() => signal.value);
  });
  const buckets = Array.from({ length: 10 }, (_, n) => {
    const signal = memory.indexes.watch("category", `c${n}`);
    return countRuns(() => signal.value);
  });
  memory.change(() =>
    memory.tasks.setServer("t3", makeTask("t3", { category_id: "c3", title: "x" })),
  );
  expect(rows.map(({ runs }) => runs).filter((runs) => runs > 0)).toEqual([1]);
  expect(buckets.map(({ runs }) => runs)).toEqual([0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
});

test("a page of changes notifies a bucket once", () => {
  const memory = makeMemory(10_000);
  const signal = memory.indexes.watch("all", "");
  const counter = countRuns(() => signal.value);
  memory.change(() => {
    for (let n = 0; n < 1000; n += 1)
      memory.tasks.setServer(`t${n}`, makeTask(`t${n}`, { title: "x" }));
  });
  expect(counter.runs).toBe(1);
});

test("a row that is set to the same object notifies nobody", () => {
  const memory = makeMemory(10);
  const row = memory.tasks.get("t1");
  const signal = memory.mounted.watch("t1");
  const counter = countRuns(() => signal.value);
  memory.change(() => memory.tasks.setServer("t1", row));
  expect(counter.runs).toBe(0);
});

test("signals that nobody holds are forgotten", async () => {
  const memory = makeMemory(1000);
  watchAll(memory);
  const gc = await getCollector();
  for (let turn = 0; turn < 20 && memory.mounted.size > 0; turn += 1) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(memory.mounted.size).toBe(0);
});

function watchAll(memory: Memory): void {
  for (let n = 0; n < 1000; n += 1) memory.mounted.watch(`t${n}`);
}

async function getCollector(): Promise<() => void> {
  const { setFlagsFromString } = await import("node:v8");
  const { runInNewContext } = await import("node:vm");
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

test("the same signal is returned for the same id", () => {
  const memory = makeMemory(1);
  const first = memory.mounted.watch("t0");
  expect(memory.mounted.watch("t0")).toBe(first);
});

test.for<[string, Partial<TaskRow>, Partial<TaskRow>, string, string]>([
  ["category", { category_id: "a" }, { category_id: "b" }, "a", "b"],
  ["status", {}, { status: "done" }, "todo", "done"],
  ["day", { due_date: "2026-12-01" }, { due_date: null }, "2026-12-01", "none"],
  ["tag", { tag_ids: ["x"] }, { tag_ids: ["y"] }, "x", "y"],
  ["parent", { parent: "p" }, { parent: null }, "p", "none"],
  ["assignee", {}, { assignee: "u" }, "none", "u"],
])("a task moves between the buckets of %s", ([name, before, after, from, to]) => {
  const memory = makeMemory(0);
  const index = name as "category";
  memory.change(() => memory.tasks.setServer("t1", makeTask("t1", before)));
  memory.change(() => memory.tasks.setServer("t1", makeTask("t1", after)));
  expect(memory.indexes.get(index, from).has("t1")).toBe(false);
  expect(memory.indexes.get(index, to).has("t1")).toBe(true);
});

test("a trashed task is in the trash alone", () => {
  const memory = makeMemory(1);
  memory.change(() => memory.tasks.setServer("t0", makeTask("t0", { deleted_at: "x" })));
  expect(memory.indexes.get("all", "").size).toBe(0);
  expect([...memory.indexes.get("trash", "")]).toEqual(["t0"]);
});

test("a task is found by its number", () => {
  expect(makeMemory(5).indexes.findByNumber(3)).toBe("t3");
});

test("effects are applied in the order of the keys", () => {
  const memory = makeMemory(2);
  const rename = (key: string) =>
    makeEntry(key, [{ kind: "task", id: "t1", patch: { title: key } }]);
  memory.change(() => memory.putEntries([rename("k2"), rename("k1")]));
  expect(memory.tasks.get("t1")?.title).toBe("k2");
});

test("leaving out an entry undoes it", () => {
  const memory = makeMemory(2);
  const before = memory.tasks.get("t1");
  const entry = makeEntry("k1", [{ kind: "task", id: "t1", patch: { title: "x" } }]);
  memory.change(() => memory.putEntries([entry]));
  memory.change(() => memory.dropEntries(["k1"]));
  expect(memory.tasks.get("t1")).toBe(before);
});

test("an entry shows its fields over a later row of the server", () => {
  const memory = makeMemory(2);
  const entry = makeEntry("k1", [{ kind: "task", id: "t1", patch: { priority: 1 } }]);
  memory.change(() => memory.putEntries([entry]));
  memory.change(() => memory.tasks.setServer("t1", makeTask("t1", { title: "new", priority: 5 })));
  expect(memory.tasks.get("t1")).toMatchObject({ title: "new", priority: 1 });
});

test("an entry that was dropped does not come back by a late message", () => {
  const memory = makeMemory(2);
  const entry = makeEntry("k1", [{ kind: "task", id: "t1", patch: { title: "x" } }]);
  memory.change(() => memory.dropEntries(["k1"]));
  memory.change(() => memory.putEntries([entry]));
  expect(memory.entries.size).toBe(0);
});

test("an older version of an entry is ignored", () => {
  const memory = makeMemory(2);
  const entry = makeEntry("k1", [{ kind: "task", id: "t1", patch: { title: "old" } }]);
  const later = {
    ...makeEntry("k1", [{ kind: "task", id: "t1", patch: { title: "new" } }]),
    edit: 2,
  };
  memory.change(() => memory.putEntries([later]));
  memory.change(() => memory.putEntries([entry]));
  expect(memory.tasks.get("t1")?.title).toBe("new");
});
