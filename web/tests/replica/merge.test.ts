/** The table of conflicts, line by line. */
import { expect, test } from "vitest";
import type { TaskRow } from "../../src/domain/rows.ts";
import type { Entry } from "../../src/replica/entry.ts";
import { mergeEntry } from "../../src/replica/merge.ts";
import type { Change, TaskFields } from "../../src/replica/replica.ts";
import { diffTags } from "../../src/replica/rows.ts";
import { makeTask } from "./tasks.ts";

const ROW = makeTask("t1", {
  title: "Milk",
  description: "one\ntwo\nthree\nfour\nfive",
  due_date: "2026-12-01",
  repeat_at: "2026-12-01",
  tag_ids: ["a", "b"],
  position: "a1",
  revision: 5,
});
/** The row after a change by the other side. */
const change = (values: Partial<TaskRow>): TaskRow => ({ ...ROW, ...values, revision: 9 });

function makeEntry(made: Change, before: Partial<TaskRow> = ROW): Entry {
  const set: Partial<TaskFields> = "set" in made && made.kind === "task" ? made.set : {};
  const { tag_ids, ...patch } = set;
  const tags = tag_ids && { tags: diffTags(before.tag_ids ?? [], tag_ids) };
  return {
    version: 1,
    key: "k1",
    group: "g1",
    at: "2026-11-27T09:00:00Z",
    change: made,
    before,
    effects: [{ kind: "task", id: "t1", patch, ...tags }],
    ifRevision: 5,
    after: null,
    state: "waiting",
    edit: 1,
    attempts: 0,
    doneAt: null,
    madeRevision: null,
  };
}

function makeUpdate(set: Partial<TaskFields>): Entry {
  return makeEntry({ kind: "task", action: "update", id: "t1", set });
}

/** The fields that are sent. */
function getSent(entry: Entry | null): unknown {
  return entry !== null && "set" in entry.change ? entry.change.set : null;
}

test("a field that only the other side changed keeps its value", () => {
  const merged = mergeEntry(makeUpdate({ priority: 1 }), change({ title: "Oat milk" }));
  expect(getSent(merged.send)).toEqual({ priority: 1 });
});

test("a field that only the local side changed is sent again", () => {
  const merged = mergeEntry(makeUpdate({ title: "Rice milk" }), change({ priority: 1 }));
  expect(getSent(merged.send)).toEqual({ title: "Rice milk" });
  expect(merged.send?.ifRevision).toBe(9);
});

test("tags are merged as added and removed", () => {
  const merged = mergeEntry(
    makeUpdate({ tag_ids: ["a", "c"] }),
    change({ tag_ids: ["a", "b", "d"] }),
  );
  expect(merged.send?.effects[0]?.tags).toEqual({ add: ["c"], remove: ["b"] });
  expect(merged.notices).toEqual([]);
});

test.for<[keyof TaskFields, unknown, unknown]>([
  ["status", "done", "cancelled"],
  ["due_date", "2026-12-05", "2026-12-07"],
  ["priority", 1, 5],
  ["category_id", "c1", "c2"],
  ["assignee", "u1", "u2"],
  ["parent", "t2", "t3"],
])("both changed %s: the local value, with a notice", ([field, ours, theirs]) => {
  const merged = mergeEntry(makeUpdate({ [field]: ours }), change({ [field]: theirs }));
  expect(getSent(merged.send)).toEqual({ [field]: ours });
  const [notice] = merged.notices;
  expect([notice?.field, notice?.ours, notice?.theirs]).toEqual([field, ours, theirs]);
});

test("both moved the task: the local place, with a notice", () => {
  const entry = makeEntry({ kind: "task", action: "move", id: "t1", place: { at: "end" } });
  const merged = mergeEntry(entry, change({ position: "b00" }));
  expect(merged.send?.ifRevision).toBe(9);
  expect(merged.notices[0]?.field).toBe("position");
});

test("only the local side moved the task: no notice", () => {
  const entry = makeEntry({ kind: "task", action: "move", id: "t1", place: { at: "end" } });
  expect(mergeEntry(entry, change({ title: "Oat milk" })).notices).toEqual([]);
});

test("both changed other lines of the description: the lines are merged", () => {
  const ours = "ONE\ntwo\nthree\nfour\nfive";
  const theirs = "one\ntwo\nthree\nfour\nFIVE";
  const merged = mergeEntry(makeUpdate({ description: ours }), change({ description: theirs }));
  expect(getSent(merged.send)).toEqual({ description: "ONE\ntwo\nthree\nfour\nFIVE" });
});

test("both changed the same lines: it waits for the person", () => {
  const merged = mergeEntry(makeUpdate({ description: "mine" }), change({ description: "theirs" }));
  expect(merged.send).toBe(null);
  expect(merged.ask?.reason).toBe("text");
  expect(merged.ask?.theirs).toEqual({ description: "theirs" });
});

test("both changed the title: it waits, and the other fields are sent", () => {
  const entry = makeUpdate({ title: "Mine", priority: 1 });
  const merged = mergeEntry(entry, change({ title: "Theirs" }));
  expect(getSent(merged.send)).toEqual({ priority: 1 });
  expect(getSent(merged.ask?.entry ?? null)).toEqual({ title: "Mine" });
});

test("what waits is not part of what is shown", () => {
  const entry = makeUpdate({ title: "Mine", priority: 1 });
  const merged = mergeEntry(entry, change({ title: "Theirs" }));
  expect(merged.send?.effects[0]?.patch).toEqual({ priority: 1 });
});

test("both made the same change: nothing is sent and nobody is asked", () => {
  const merged = mergeEntry(makeUpdate({ title: "Oat milk" }), change({ title: "Oat milk" }));
  expect(merged).toEqual({ send: null, ask: null, notices: [] });
});

test("a date and its zone are sent together", () => {
  const set = { due_date: "2026-12-05T09:00:00", due_time_zone: "Europe/Berlin" };
  const merged = mergeEntry(makeUpdate(set), change({ due_date: "2026-12-05T09:00:00" }));
  expect(getSent(merged.send)).toEqual(set);
});

test("the task was trashed: the person is asked", () => {
  const merged = mergeEntry(
    makeUpdate({ title: "Oat milk" }),
    change({ deleted_at: "2026-11-27T08:00:00Z" }),
  );
  expect([merged.send, merged.ask?.reason]).toEqual([null, "trashed"]);
});

test("the task is gone: the person is asked", () => {
  const merged = mergeEntry(makeUpdate({ title: "Oat milk" }), undefined);
  expect([merged.send, merged.ask?.reason]).toEqual([null, "gone"]);
});

test.for(["trash", "purge"] as const)("the task is gone: %s is done", (action) => {
  const merged = mergeEntry(makeEntry({ kind: "task", action, id: "t1" }), undefined);
  expect(merged).toEqual({ send: null, ask: null, notices: [] });
});

test("somebody else has completed the occurrence: nothing is sent", () => {
  const entry = makeEntry({ kind: "task", action: "complete", id: "t1", occurrence: "2026-12-01" });
  expect(mergeEntry(entry, change({ repeat_at: "2026-12-08" })).send).toBe(null);
});

test("a change of other fields does not hinder a completion", () => {
  const entry = makeEntry({ kind: "task", action: "complete", id: "t1", occurrence: "2026-12-01" });
  expect(mergeEntry(entry, change({ title: "Oat milk" })).send?.ifRevision).toBe(9);
});

test("a task that was changed is trashed all the same", () => {
  const entry = makeEntry({ kind: "task", action: "trash", id: "t1" });
  expect(mergeEntry(entry, change({ title: "Oat milk" })).send?.ifRevision).toBe(9);
});

test("a task that exists is not created again", () => {
  const entry = makeEntry({ kind: "task", action: "create", id: "t1", set: { title: "Milk" } });
  expect(mergeEntry(entry, ROW).send).toBe(null);
});
