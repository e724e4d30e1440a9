import { beforeAll, beforeEach, expect, it } from "vitest";
import { runBoardKey } from "../../../src/features/board/commands.ts";
import { dropCards, watchColumns } from "../../../src/features/board/model.ts";
import { toggleDone } from "../../../src/features/tasklist/edits.ts";
import { release } from "../../../src/features/tasklist/kept.ts";
import { createListState } from "../../../src/features/tasklist/state.ts";
import en from "../../../src/i18n/en.json";
import { useCatalogue } from "../../../src/i18n/translate.ts";
import { makeTask } from "../../example/replica.ts";
import { makeApp } from "../upcoming/app.ts";

const TASKS = [
  makeTask({ id: "a", category_id: "garden" }),
  makeTask({ id: "b" }),
  makeTask({ id: "c", status: "in_progress" }),
  makeTask({ id: "z", due_date: "2026-11-26", repeat_rule: "FREQ=DAILY", repeat_at: "2026-11-26" }),
];
const ALL = { index: "all", value: "" } as const;

beforeAll(() => useCatalogue("en", en));
beforeEach(() => release());

function open() {
  const { replica } = makeApp(TASKS);
  const columns = watchColumns(replica, ALL, "status");
  const show = (key: string) =>
    columns.value.find((column) => column.key === key)?.rows.map(({ id }) => id);
  return { replica, columns, show };
}

it("moves a card to a column and a place as one change", async () => {
  const { replica, show } = open();
  await dropCards(replica, "status", ["a"], { column: "in_progress", place: { after: "c" } });
  expect([show("todo"), show("in_progress")]).toEqual([
    ["b", "z"],
    ["c", "a"],
  ]);
});

it("undoes both by one step", async () => {
  const { replica, show } = open();
  await dropCards(replica, "status", ["a"], { column: "in_progress", place: { after: "c" } });
  await replica.undo();
  expect(show("todo")).toEqual(["a", "b", "z"]);
});

it("completes the present occurrence of a repeating task in the column Done", async () => {
  const { replica } = open();
  await dropCards(replica, "status", ["z"], { column: "done", place: null });
  expect(replica.written).toEqual([
    { kind: "task", action: "complete", id: "z", occurrence: "2026-11-26" },
  ]);
});

it("keeps a card that was ticked off in its column", async () => {
  const { replica, show } = open();
  await toggleDone(replica, ["b"]);
  expect([show("todo"), show("done")]).toEqual([["a", "b", "z"], []]);
});

it("shows the column of cancelled tasks only if there are some", () => {
  const { replica, columns } = open();
  const before = columns.value.map(({ key }) => key);
  void replica.write([{ kind: "task", action: "update", id: "b", set: { status: "cancelled" } }]);
  expect([before.length, columns.value.map(({ key }) => key)]).toEqual([
    3,
    ["todo", "in_progress", "done", "cancelled"],
  ]);
});

it("leaves closed tasks out of other columns", () => {
  const { replica } = open();
  void replica.write([{ kind: "task", action: "update", id: "b", set: { status: "done" } }]);
  const columns = watchColumns(replica, ALL, "category").value;
  expect(columns.flatMap(({ rows }) => rows.map(({ id }) => id)).sort()).toEqual(["a", "c", "z"]);
});

it("carries the active card to the next column", () => {
  const { replica, columns, show } = open();
  const state = createListState();
  state.active.value = "a";
  runBoardKey("carryRight", { replica, state, columns, grouping: "status", rtl: false });
  expect(show("in_progress")).toEqual(["a", "c"]);
});

it("carries it by the left key where text runs from right to left", () => {
  const { replica, columns, show } = open();
  const state = createListState();
  state.active.value = "a";
  runBoardKey("carryLeft", { replica, state, columns, grouping: "status", rtl: true });
  expect(show("in_progress")).toEqual(["a", "c"]);
});

it("shows 10,000 tasks in the manual order", () => {
  const tasks = [...Array(10_000).keys()].map((number) =>
    makeTask({ id: `t${number}`, position: `p${String(9999 - number).padStart(4, "0")}` }),
  );
  const [todo] = watchColumns(makeApp(tasks).replica, ALL, "status").value;
  expect([todo?.rows.length, todo?.rows[0]?.id]).toEqual([10_000, "t9999"]);
});
