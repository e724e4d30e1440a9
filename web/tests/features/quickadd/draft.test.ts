import { beforeAll, expect, it } from "vitest";
import {
  findMember,
  makeDefaults,
  makeTasks,
  readDraft,
} from "../../../src/features/quickadd/draft.ts";
import { loadWords } from "../../../src/features/quickadd/parse.ts";
import { ADA, HARBOUR, NOW } from "../../example/harbour.ts";
import { ExampleReplica } from "../../example/replica.ts";

const replica = new ExampleReplica(HARBOUR);

beforeAll(() => loadWords("en"));

it("reads a due date", () => {
  expect(readDraft("Call Sam tomorrow 9am", replica, NOW).parsed.due_date).toBe(
    "2026-11-27T09:00:00",
  );
});

it("finds the assignee", () => {
  expect(readDraft("Call Sam +grace", replica, NOW).assignee?.id).toBe("grace");
});

it("shows an unknown assignee at its place", () => {
  expect(readDraft("Call Sam +bob", replica, NOW).errors).toEqual([
    { code: "no_member", start: 9, end: 13 },
  ]);
});

it("shows an unknown parent at its place", () => {
  expect(readDraft("Call Sam ^9999", replica, NOW).errors).toEqual([
    { code: "no_parent", start: 9, end: 14 },
  ]);
});

it("makes a task of each line", () => {
  const tasks = makeTasks("- Oil the gate\n- Call Sam p1", replica, NOW);
  expect(tasks?.map(({ title, priority }) => [title, priority])).toEqual([
    ["Oil the gate", null],
    ["Call Sam", 1],
  ]);
});

it("makes no task of a text with an error", () => {
  expect(makeTasks("#Garden", replica, NOW)).toBeNull();
});

it("gives a task what the page gives", () => {
  expect(makeDefaults({ day: "2026-11-26", categoryId: "garden" })).toEqual({
    fields: { due_date: "2026-11-26", category_id: "garden" },
  });
});

it("finds nobody by a name that two members have", () => {
  const two = [
    { id: "1", name: "Grace Mbeki", role: "editor", revision: 1 },
    { id: "2", name: "Grace Hopper", role: "editor", revision: 1 },
  ] as const;
  expect(findMember("grace", two, ADA)).toBeNull();
});
