import { beforeAll, beforeEach, expect, it } from "vitest";
import { listDayRows, listUndated } from "../../../src/features/calendar/rows.ts";
import { createCalendarState, runCalendarCommand } from "../../../src/features/calendar/state.ts";
import { toggleDone } from "../../../src/features/tasklist/edits.ts";
import { release } from "../../../src/features/tasklist/kept.ts";
import en from "../../../src/i18n/en.json";
import { useCatalogue } from "../../../src/i18n/translate.ts";
import type { Command } from "../../../src/keys/table.ts";
import { makeTask } from "../../example/replica.ts";
import { makeApp } from "../upcoming/app.ts";

const DAY = "2026-11-26";
const TASKS = [
  makeTask({ id: "nine", due_date: `${DAY}T09:00:00` }),
  makeTask({ id: "whole", due_date: DAY }),
  makeTask({ id: "daily", due_date: DAY, repeat_rule: "FREQ=DAILY", repeat_at: DAY }),
  makeTask({ id: "loose" }),
  makeTask({ id: "below", parent: "loose" }),
];

beforeAll(() => useCatalogue("en", en));
beforeEach(() => release());

function open(active: string) {
  const { replica } = makeApp(TASKS);
  const state = createCalendarState(DAY);
  state.list.active.value = active;
  const run = (command: Command, options: { rtl?: boolean; isShown?: boolean } = {}) =>
    runCalendarCommand(command, {
      replica,
      state,
      lines: (day) => [`day ${day}`, ...listDayRows(replica, day).map(({ id }) => id)],
      isShown: () => options.isShown ?? true,
      rtl: options.rtl ?? false,
    });
  return { replica, state, run };
}

it("carries a task to the next day and keeps its time", () => {
  const { replica, run } = open("nine");
  run("carryRight");
  expect(replica.task("nine")?.due_date).toBe("2026-11-27T09:00:00");
});

it("carries a task by a week", () => {
  const { replica, run } = open("whole");
  run("carryDown");
  expect(replica.task("whole")?.due_date).toBe("2026-12-03");
});

it("carries a task to the next day by the left key where text runs from right to left", () => {
  const { replica, run } = open("whole");
  run("carryLeft", { rtl: true });
  expect(replica.task("whole")?.due_date).toBe("2026-11-27");
});

it("carries all selected tasks", () => {
  const { replica, state, run } = open("whole");
  state.list.selected.value = new Set(["whole", "nine"]);
  run("carryLeft");
  expect(["whole", "nine"].map((id) => replica.task(id)?.due_date)).toEqual([
    "2026-11-25",
    "2026-11-25T09:00:00",
  ]);
});

it("gives the carried task the focus", () => {
  const { state, run } = open("nine");
  run("carryRight");
  expect([state.wanted.value, state.cursor.value]).toEqual(["nine", "2026-11-27"]);
});

it("carries nothing from a day", () => {
  const { replica, run } = open(`day ${DAY}`);
  run("carryRight");
  expect(replica.written).toEqual([]);
});

it("shows another month when the keys leave the one that is shown", () => {
  const { state, run } = open(`day ${DAY}`);
  run("right", { isShown: false });
  expect(state.shown.value).toBe("2026-11-27");
});

it("leaves the commands of lists alone", () => {
  expect(open("nine").run("complete")).toBe(false);
});

it("keeps a completed repeating task on its day", async () => {
  const { replica } = open("daily");
  await toggleDone(replica, ["daily"]);
  expect(listDayRows(replica, DAY).map(({ id }) => id)).toEqual(["nine", "whole", "daily"]);
});

it("does not show a completed repeating task on its next day yet", async () => {
  const { replica } = open("daily");
  await toggleDone(replica, ["daily"]);
  expect(listDayRows(replica, replica.task("daily")?.due_date ?? "")).toEqual([]);
});

it("lists tasks without a date, but no sub-tasks", () => {
  expect(listUndated(open("nine").replica).map(({ id }) => id)).toEqual(["loose"]);
});

it("carries nothing for a viewer", () => {
  const { replica, run } = open("nine");
  replica.members.value = [{ id: replica.person.id, name: "Ada", role: "viewer", revision: 1 }];
  run("carryRight");
  expect(replica.written).toEqual([]);
});
