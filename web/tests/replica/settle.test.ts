/** What an answer to a request means for the entries of the outbox. */
import { expect, test } from "vitest";
import { ProblemError } from "../../src/api/problems.ts";
import { Memory } from "../../src/replica/memory.ts";
import { planRequest } from "../../src/replica/request.ts";
import { settleRequest } from "../../src/replica/settle.ts";
import { planChanges } from "../../src/replica/write.ts";
import { makeFilter } from "../example/replica.ts";

const TAKEN = new ProblemError(409, { code: "name_taken" }, null);

/** Create the filter `Mine`, and let the server answer that the name is taken. */
function createTaken(...names: string[]) {
  const memory = new Memory(() => "none");
  memory.change(() => {
    for (const name of names) {
      memory.labels.filter.setServer(name, makeFilter({ id: name, name, revision: 7 }));
    }
  });
  const set = { name: "Mine", filter: "today" };
  const context = { memory, nextKey: () => "k1", now: "2026-11-27T09:00:00Z" };
  planChanges(
    { ...context, endOccurrence: () => null },
    [{ kind: "filter", action: "create", id: "new", set }],
    "group",
  );
  const { sending, changed } = planRequest(memory, 100, "request");
  memory.change(() => memory.putEntries(changed));
  if (sending === null) throw new Error("Nothing is sent.");
  const answer = { body: undefined, revision: null, problem: TAKEN };
  const settled = settleRequest(memory, sending, answer);
  memory.change(() => memory.putEntries(settled.changed));
  return { memory, settled };
}

test("a new filter whose name is taken waits with a free name", () => {
  const { memory, settled } = createTaken("mine");
  expect(settled).toMatchObject({ dropped: [], refused: [] });
  expect(settled.changed).toMatchObject([
    { state: "waiting", change: { id: "new", set: { name: "Mine 2", filter: "today" } } },
  ]);
  expect(memory.labels.filter.get("new")?.name).toBe("Mine 2");
});

test("a free name is one that no other filter has", () => {
  const { memory } = createTaken("Mine", "MINE 2", "Mine 3");
  expect(memory.labels.filter.get("new")?.name).toBe("Mine 4");
});
