/** Moving saved filters: the visible order, the request and the undo. */
import { expect, test } from "vitest";
import { Memory } from "../../src/replica/memory.ts";
import type { Change, Place } from "../../src/replica/replica.ts";
import { planRequest } from "../../src/replica/request.ts";
import { makeInverse } from "../../src/replica/undo.ts";
import { planChanges } from "../../src/replica/write.ts";
import { makeFilter } from "../example/replica.ts";

function makeMemory(): Memory {
  const memory = new Memory(() => "none");
  memory.change(() => {
    for (const [id, position] of [
      ["one", "a0"],
      ["two", "a1"],
      ["three", "a2"],
    ] as const) {
      memory.labels.filter.setServer(id, makeFilter({ id, position, revision: 7 }));
    }
  });
  return memory;
}

function write(memory: Memory, change: Change): void {
  let keys = 0;
  const nextKey = () => `key ${++keys}`;
  const context = { memory, nextKey, now: "2026-11-27T09:00:00Z", endOccurrence: () => null };
  planChanges(context, [change], "group");
}

function makeMove(id: string, place: Place): Change {
  return { kind: "filter", action: "move", id, place };
}

function listIds(memory: Memory): string[] {
  return memory.filterList.value.map(({ id }) => id);
}

test.each([
  ["three", { before: "two" }, ["one", "three", "two"]],
  ["three", { at: "start" }, ["three", "one", "two"]],
  ["one", { after: "two" }, ["two", "one", "three"]],
  ["one", { at: "end" }, ["two", "three", "one"]],
  ["one", { after: "unknown" }, ["two", "three", "one"]],
] as const)("moving %s to %j is shown at once", (id, place, order) => {
  const memory = makeMemory();
  write(memory, makeMove(id, place));
  expect(listIds(memory)).toEqual(order);
});

test("a move is a request of its own", () => {
  const memory = makeMemory();
  write(memory, makeMove("three", { before: "one" }));
  expect(planRequest(memory, 100, "k").sending).toMatchObject({
    method: "POST",
    path: "/api/v1/filters/three/move",
    text: '{"before":"one"}',
    ifRevision: 7,
  });
});

test("the undo of a move returns the filter to its place", () => {
  const memory = makeMemory();
  const move = makeMove("three", { at: "start" });
  const inverse = makeInverse(memory, move);
  write(memory, move);
  expect(inverse(memory, () => "new")).toEqual([makeMove("three", { after: "two" })]);
});

test("a move of a filter that another person renamed is sent", () => {
  const memory = makeMemory();
  write(memory, makeMove("three", { before: "one" }));
  memory.change(() => {
    const renamed = makeFilter({ id: "three", position: "a2", name: "x", revision: 8 });
    memory.labels.filter.setServer("three", renamed);
  });
  const { sending, notices } = planRequest(memory, 100, "k");
  expect([sending?.ifRevision, notices]).toEqual([8, []]);
});
