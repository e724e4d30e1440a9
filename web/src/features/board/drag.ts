import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { type Point, useDragArea } from "../../ui/drag.ts";
import { useApp } from "../app.ts";
import { canEdit } from "../people.tsx";
import type { ListState } from "../tasklist/state.ts";
import { type Column, findDrop, type Grouping } from "./columns.ts";
import { dropCards } from "./model.ts";

/** Where dragged cards would go: before the card at an index of a column, or at its end. */
export interface Over {
  readonly column: string;
  readonly index: number;
}

export interface CardDrag {
  readonly dragged: Signal<readonly string[]>;
  readonly over: Signal<Over | null>;
}

/** Cards are dragged with the mouse into columns and to places in them. */
export function useCardDrag(
  box: { current: HTMLElement | null },
  columns: ReadonlySignal<readonly Column[]>,
  grouping: Grouping,
  state: ListState,
): CardDrag {
  const { replica } = useApp();
  const drag = useMemo((): CardDrag => ({ dragged: signal([]), over: signal(null) }), []);
  useDragArea(box, {
    disabled: !canEdit(replica),
    item: "[data-drag]",
    onStart: (item) => {
      const id = item.dataset.drag ?? "";
      const selected = state.selected.peek();
      drag.dragged.value = selected.has(id) ? [...selected] : [id];
    },
    onOver: (point, above) => {
      const next = findOver(point, above, columns.peek());
      const now = drag.over.peek();
      if (next?.column !== now?.column || next?.index !== now?.index) drag.over.value = next;
    },
    onLeave: () => {
      drag.over.value = null;
    },
    onEnd: (dropped) => {
      const over = drag.over.peek();
      const ids = drag.dragged.peek();
      drag.over.value = null;
      drag.dragged.value = [];
      const column = columns.peek().find(({ key }) => key === over?.column);
      if (!dropped || !over || !column) return;
      const drop = findDrop(column, grouping, over.index, new Set(ids));
      void dropCards(replica, grouping, ids, drop);
    },
  });
  return drag;
}

/** A card takes what is dropped on its upper half before it, on its lower half after it. */
function findOver({ y }: Point, above: Element, columns: readonly Column[]): Over | null {
  const key = above.closest<HTMLElement>("[data-column]")?.dataset.column;
  const column = columns.find((each) => each.key === key);
  if (!column) return null;
  const card = above.closest<HTMLElement>("[data-drag]");
  const at = column.rows.findIndex(({ id }) => id === card?.dataset.drag);
  if (card && at >= 0) {
    const { top, height } = card.getBoundingClientRect();
    return { column: column.key, index: y < top + height / 2 ? at : at + 1 };
  }
  // Above the first card is the heading; everything else is below the last one or between two.
  const isHead = above.closest("header") !== null;
  return { column: column.key, index: isHead ? 0 : findGap(above, y, column) };
}

function findGap(above: Element, y: number, column: Column): number {
  const cards = above.closest("[data-column]")?.querySelectorAll<HTMLElement>("[data-drag]") ?? [];
  const next = [...cards].find((card) => card.getBoundingClientRect().top > y);
  const at = column.rows.findIndex(({ id }) => id === next?.dataset.drag);
  return at < 0 ? column.rows.length : at;
}
