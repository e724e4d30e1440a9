import { expect, it } from "vitest";
import type { App } from "../../../src/features/app.ts";
import { startClock } from "../../../src/features/clock.ts";
import { countFound, readFilter } from "../../../src/features/filters/compile.ts";
import { HARBOUR, NOW } from "../../example/harbour.ts";
import { NO_SERVER } from "../../example/http.ts";
import { ExampleReplica } from "../../example/replica.ts";

const replica = new ExampleReplica(HARBOUR);
const clock = startClock("Europe/Berlin", { now: () => NOW, after: () => () => {} });
const app: App = { replica, clock, http: NO_SERVER, signOut: async () => {} };

function find(text: string): string[] {
  const { filter } = readFilter(app, text);
  return HARBOUR.tasks.filter((row) => filter?.test(row)).map(({ id }) => id);
}

it("finds by names of the workspace", () => {
  expect(find("#garden is:open")).toEqual(["task-e"]);
});

it("finds by the present day in the person's zone", () => {
  expect(find("due:tomorrow")).toEqual(["task-d2", "task-m"]);
});

it("finds the person as me and by the address", () => {
  expect(find("assignee:me")).toEqual(find("assignee:ada@example.org"));
});

it("finds tasks with sub-tasks", () => {
  expect(find("has:subtasks")).toEqual(["task-d"]);
});

it("finds sub-tasks by the number of their parent", () => {
  expect(find(`parent:${replica.task("task-d")?.number}`)).toEqual(["task-d1", "task-d2"]);
});

it("has no filter for an empty text", () => {
  expect(readFilter(app, " ").filter).toBeNull();
});

it("returns an error with its position", () => {
  const { filter, problem } = readFilter(app, "today status:late");
  expect([filter, problem?.code, problem?.start, problem?.end]).toEqual([
    null,
    "bad_value",
    13,
    17,
  ]);
});

it("warns of a name that does not exist", () => {
  expect(readFilter(app, "@gym").warnings.map(({ code }) => code)).toEqual(["unknown_tag"]);
});

it.each(["is:done", "status:todo", "completed:today", "p1 or is:open"])(
  "%s names a state",
  (text) => {
    expect(readFilter(app, text).filter?.showsClosed).toBe(true);
  },
);

it.each(["p1", "is:overdue", "milk"])("%s names no state", (text) => {
  expect(readFilter(app, text).filter?.showsClosed).toBe(false);
});

it("counts open tasks only", () => {
  expect(countFound(app, "#Garden")).toBe(1);
});

it("counts nothing for an error", () => {
  expect(countFound(app, "status:late")).toBe(0);
});
