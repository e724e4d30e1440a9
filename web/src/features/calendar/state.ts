import { type Signal, signal } from "@preact/signals";
import { setDueDay } from "../../actions/edit.ts";
import { addDays, type Day } from "../../domain/days.ts";
import type { Command } from "../../keys/table.ts";
import type { Replica } from "../../replica/replica.ts";
import { canEdit } from "../people.tsx";
import { report } from "../tasklist/edits.ts";
import { createListState, getTargets, type ListState } from "../tasklist/state.ts";
import { DAYS_OF_STEP, type Direction, dayKey, findTarget } from "./grid.ts";

export interface CalendarState {
  /** The active line is a day, a task or the button that opens a day. */
  readonly list: ListState;
  /** The day that has the tab stop, or the tab stop in it. */
  readonly cursor: Signal<Day>;
  /** A day of the month or week that is shown. */
  readonly shown: Signal<Day>;
  /** The key of the line that gets the focus as soon as it is in the document. */
  readonly wanted: Signal<string | null>;
  /** The day, or `none` for the tray, above which a task is dragged. */
  readonly over: Signal<string | null>;
  readonly dragged: Signal<readonly string[]>;
  /** The day whose tasks are shown in a box. */
  readonly opened: Signal<{ readonly day: Day; readonly anchor: HTMLElement } | null>;
}

export function createCalendarState(today: Day): CalendarState {
  const list = createListState();
  list.active.value = dayKey(today);
  return {
    list,
    cursor: signal(today),
    shown: signal(today),
    wanted: signal(null),
    over: signal(null),
    dragged: signal([]),
    opened: signal(null),
  };
}

const STEPS: Partial<Record<Command, Direction>> = {
  left: "left",
  right: "right",
  up: "up",
  down: "down",
};

const CARRIES: Partial<Record<Command, Direction>> = {
  carryLeft: "left",
  carryRight: "right",
  carryUp: "up",
  carryDown: "down",
};

export interface CalendarKeys {
  readonly replica: Replica;
  readonly state: CalendarState;
  /** The keys of the lines of a day. */
  readonly lines: (day: Day) => readonly string[];
  /** Whether a day is in the calendar that is shown. */
  readonly isShown: (day: Day) => boolean;
  readonly rtl: boolean;
}

/** Run a command of calendars. Returns whether it is one. */
export function runCalendarCommand(command: Command, keys: CalendarKeys): boolean {
  const step = mirror(STEPS[command], keys.rtl);
  const carry = mirror(CARRIES[command], keys.rtl);
  if (step) moveTo(keys, step);
  else if (carry && canEdit(keys.replica)) void carryTask(keys, carry);
  else return false;
  return true;
}

/** Where text runs from right to left, the next day is on the left. */
function mirror(direction: Direction | undefined, rtl: boolean): Direction | undefined {
  if (!rtl || (direction !== "left" && direction !== "right")) return direction;
  return direction === "left" ? "right" : "left";
}

function moveTo({ state, lines, isShown }: CalendarKeys, direction: Direction): void {
  const from = { day: state.cursor.peek(), key: state.list.active.peek() ?? "" };
  const target = findTarget(direction, from, lines);
  focusOn(state, target.day, target.key, isShown(target.day));
}

/** Give a line the focus; another month or week is shown if its day is not there. */
export function focusOn(state: CalendarState, day: Day, key: string, isShown: boolean): void {
  state.cursor.value = day;
  if (!isShown) state.shown.value = day;
  state.list.active.value = key;
  state.wanted.value = key;
}

/** Move the active task by days; the focus follows it. The time of day stays. */
async function carryTask(
  { replica, state, isShown }: CalendarKeys,
  direction: Direction,
): Promise<void> {
  const [id] = getTargets(state.list);
  if (id === undefined || !replica.task(id)) return;
  const ids = getTargets(state.list);
  const day = addDays(state.cursor.peek(), DAYS_OF_STEP[direction]);
  const key = state.list.active.peek() ?? id;
  focusOn(state, day, key, isShown(day));
  await report(replica, setDueDay(replica, ids, day), "changed");
}
