/** What the keys and the menu of a board do to its cards. */
import type { ReadonlySignal } from "@preact/signals";
import type { Command } from "../../keys/table.ts";
import type { Replica } from "../../replica/replica.ts";
import { canEdit } from "../people.tsx";
import { getTargets, type ListState } from "../tasklist/state.ts";
import { type Column, type Direction, findCarry, findNextCard, type Grouping } from "./columns.ts";
import { dropCards } from "./model.ts";

export interface BoardKeys {
  readonly replica: Replica;
  readonly state: ListState;
  readonly columns: ReadonlySignal<readonly Column[]>;
  readonly grouping: Grouping;
  /** Text runs from right to left: the first column is on the right. */
  readonly rtl: boolean;
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

/** The lines of the menu of a card. They do not depend on the direction of text. */
const MOVES: Partial<Record<Command, Direction>> = {
  carryLeft: "left",
  carryRight: "right",
  moveUp: "up",
  moveDown: "down",
};

/** Run a key of boards. Returns whether it is one. */
export function runBoardKey(command: Command, keys: BoardKeys): boolean {
  const step = mirror(STEPS[command], keys.rtl);
  const carry = mirror(CARRIES[command], keys.rtl);
  if (step) focusCard(keys, step);
  else if (carry && canEdit(keys.replica)) void carryCards(keys, carry);
  else return false;
  return true;
}

/** Run a line of the menu of a card. Returns whether it is one of boards. */
export function runBoardMenu(command: Command, keys: BoardKeys): boolean {
  const direction = MOVES[command];
  if (direction) void carryCards(keys, direction);
  return direction !== undefined;
}

function mirror(direction: Direction | undefined, rtl: boolean): Direction | undefined {
  if (!rtl || (direction !== "left" && direction !== "right")) return direction;
  return direction === "left" ? "right" : "left";
}

function focusCard({ state, columns }: BoardKeys, direction: Direction): void {
  const id = state.active.peek();
  const next = id === null ? null : findNextCard(columns.peek(), id, direction);
  if (next !== null) state.active.value = next;
}

/** Carry the active card, and with it the selected ones. It keeps the focus. */
async function carryCards(keys: BoardKeys, direction: Direction): Promise<void> {
  const { replica, state, columns, grouping } = keys;
  const id = state.active.peek();
  const drop = id === null ? null : findCarry(columns.peek(), grouping, id, direction);
  if (id === null || drop === null) return;
  const targets = getTargets(state);
  const ids = targets.includes(id) ? targets : [id];
  await dropCards(replica, grouping, ids, drop);
}
