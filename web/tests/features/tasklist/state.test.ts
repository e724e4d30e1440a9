import { expect, it } from "vitest";
import {
  createListState,
  getTargets,
  selectRange,
  toggle,
} from "../../../src/features/tasklist/state.ts";

const ORDER = ["a", "b", "c", "d"];

it("extends a selection downwards", () => {
  const state = createListState();
  state.anchor = "b";
  selectRange(state, ORDER, "d");
  expect([...state.selected.value]).toEqual(["b", "c", "d"]);
});

it("extends a selection upwards", () => {
  const state = createListState();
  state.anchor = "c";
  selectRange(state, ORDER, "a");
  expect([...state.selected.value]).toEqual(["a", "b", "c"]);
});

it("shrinks a selection towards its anchor", () => {
  const state = createListState();
  state.anchor = "a";
  selectRange(state, ORDER, "d");
  selectRange(state, ORDER, "b");
  expect([...state.selected.value]).toEqual(["a", "b"]);
});

it("applies a command to the active task", () => {
  const state = createListState();
  state.active.value = "b";
  expect(getTargets(state)).toEqual(["b"]);
});

it("applies a command to the selection if there is one", () => {
  const state = createListState();
  state.active.value = "b";
  toggle(state.selected, "c");
  expect(getTargets(state)).toEqual(["c"]);
});
