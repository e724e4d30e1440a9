import type { ReadonlySignal } from "@preact/signals";
import { placeTasks } from "../../actions/move.ts";
import { type Point, useDragArea } from "../../ui/drag.ts";
import type { ListContext } from "./commands.ts";
import { findListDrop, type ListDrop } from "./drop.ts";
import { report } from "./edits.ts";
import type { Entry } from "./entries.ts";

/** Rows of a list in manual order are dragged by their grip. Keys and the menu do the same. */
export function useListDrag(
  box: { current: HTMLElement | null },
  context: ListContext,
  entries: ReadonlySignal<readonly Entry[]>,
): void {
  const { state } = context;
  useDragArea(box, {
    item: "[data-drag]",
    handle: "[data-grip]",
    onStart: (item) => {
      const id = item.dataset.drag ?? "";
      const selected = state.selected.peek();
      // In the order of the list, which is the order at the new place.
      state.dragged.value = selected.has(id)
        ? context.order.filter((each) => selected.has(each))
        : [id];
    },
    onOver: (point, above) => {
      const next = findOver(point, above, context, entries.peek());
      const now = state.over.peek();
      if (next?.id !== now?.id || next?.edge !== now?.edge) state.over.value = next;
    },
    onLeave: () => {
      state.over.value = null;
    },
    onEnd: (dropped) => {
      const drop = state.over.peek();
      const ids = state.dragged.peek();
      state.over.value = null;
      state.dragged.value = [];
      if (dropped && drop) void move(context, ids, drop);
    },
  });
}

function findOver(
  { y }: Point,
  above: Element,
  { app, state }: ListContext,
  entries: readonly Entry[],
): ListDrop | null {
  const row = above.closest<HTMLElement>("[data-drag]");
  if (!row) return state.over.peek();
  const { top, height } = row.getBoundingClientRect();
  const edge = y < top + height / 2 ? "before" : "after";
  const moved = new Set(state.dragged.peek());
  return findListDrop(entries, row.dataset.drag ?? "", edge, moved, (id) => app.replica.task(id));
}

async function move(
  { app, order }: ListContext,
  ids: readonly string[],
  { parent, place }: ListDrop,
): Promise<void> {
  const { replica } = app;
  const shown = new Set(order);
  const change = placeTasks(
    replica,
    ids,
    (task) => {
      // The parent of a task may be in another list: there it stays.
      const isOutside = parent === null && task.parent !== null && !shown.has(task.parent);
      return isOutside ? {} : { parent };
    },
    place,
  );
  await report(replica, change, "moved");
}
