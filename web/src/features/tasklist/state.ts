import { type Signal, signal } from "@preact/signals";
import type { ListDrop } from "./drop.ts";

/** The boxes that a row or the bar of actions opens. */
export type MenuKind = "assign" | "category" | "date" | "more" | "priority" | "status" | "tags";

export interface OpenMenu {
  readonly kind: MenuKind;
  /** The tasks that the choice applies to. */
  readonly ids: readonly string[];
  readonly anchor: HTMLElement;
}

/** What a list remembers while it is shown. */
export interface ListState {
  /** The key of the line that has the tab stop. */
  readonly active: Signal<string | null>;
  readonly selected: Signal<ReadonlySet<string>>;
  /** The task whose title is edited in place. */
  readonly editing: Signal<string | null>;
  readonly menu: Signal<OpenMenu | null>;
  /** Tasks whose sub-tasks are hidden. */
  readonly folded: Signal<ReadonlySet<string>>;
  /** The tasks that are being dragged, and where they would go. */
  readonly dragged: Signal<readonly string[]>;
  readonly over: Signal<ListDrop | null>;
  /** Where an extended selection began. */
  anchor: string | null;
}

export function createListState(): ListState {
  return {
    active: signal(null),
    selected: signal(new Set()),
    editing: signal(null),
    menu: signal(null),
    folded: signal(new Set()),
    dragged: signal([]),
    over: signal(null),
    anchor: null,
  };
}

/** Add an id to a set, or remove it. */
export function toggle(set: Signal<ReadonlySet<string>>, id: string): void {
  const next = new Set(set.peek());
  if (!next.delete(id)) next.add(id);
  set.value = next;
}

/** Select all tasks from the anchor to one, and nothing else. */
export function selectRange(state: ListState, order: readonly string[], to: string): void {
  const from = state.anchor ?? to;
  state.anchor = from;
  const [low = 0, high = 0] = [order.indexOf(from), order.indexOf(to)].sort((a, b) => a - b);
  state.selected.value = new Set(order.slice(Math.max(low, 0), high + 1));
}

/** The tasks that a command applies to: the selection, or else the active task. */
export function getTargets(state: ListState): readonly string[] {
  const selected = state.selected.peek();
  if (selected.size > 0) return [...selected];
  const active = state.active.peek();
  return active === null ? [] : [active];
}
