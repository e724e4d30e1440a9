/** What all lists of tasks share: the tab stop, the keys, the selection, and what leaving one does. */
import { useEffect, useRef } from "preact/hooks";
import { matchKey, type Pending } from "../../keys/match.ts";
import type { Command, KeyScope } from "../../keys/table.ts";
import { look } from "../look.ts";
import { type ListContext, runListCommand } from "./commands.ts";
import { release } from "./kept.ts";
import { shownList, shownOrder } from "./order.ts";
import type { ListState } from "./state.ts";
import { isTyping } from "./typing.ts";

/** The element of a line of a list. */
export function findLine(box: HTMLElement | null, key: string): HTMLElement | null {
  return box?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`) ?? null;
}

/**
 * One line has the tab stop. When it disappears, the next one has it, and the focus if the list
 * had it. Moving the tab stop by keys moves the focus.
 */
export function useFocusRules(
  state: ListState,
  lines: readonly string[],
  box: { current: HTMLDivElement | null },
  scrollTo: (key: string) => void,
): void {
  const before = useRef<readonly string[]>(lines);
  const active = state.active.value;
  const hadFocus = useRef(false);
  if (active === null || !lines.includes(active)) {
    const at = before.current.indexOf(active ?? "");
    const after = before.current.slice(at + 1).find((key) => lines.includes(key));
    state.active.value = lines.length === 0 ? null : (after ?? lines.at(at < 0 ? 0 : -1) ?? null);
  }
  before.current = lines;
  useEffect(() => {
    const element = box.current;
    const enter = () => {
      hadFocus.current = true;
    };
    // A row that is removed while it has the focus loses it without an event.
    const leave = (event: FocusEvent) => {
      if (event.relatedTarget instanceof Node && !element?.contains(event.relatedTarget)) {
        hadFocus.current = false;
      }
    };
    if (element?.contains(document.activeElement)) enter();
    element?.addEventListener("focusin", enter);
    element?.addEventListener("focusout", leave);
    return () => {
      element?.removeEventListener("focusin", enter);
      element?.removeEventListener("focusout", leave);
    };
  }, [box]);
  const now = state.active.value;
  useEffect(() => {
    if (now === null || !hadFocus.current || state.editing.peek() !== null) return;
    const line = findLine(box.current, now);
    if (line?.contains(document.activeElement)) return;
    const isElsewhere = document.activeElement && document.activeElement !== document.body;
    if (isElsewhere && !box.current?.contains(document.activeElement)) return;
    line?.focus({ preventScroll: true });
    scrollTo(now);
  });
}

/** Completed tasks stay in a list until it is left. */
export function useLeaving(): void {
  useEffect(
    () => () => {
      release();
      shownOrder.value = [];
      shownList.value = null;
    },
    [],
  );
}

/** Let the panel step through the tasks of the list, and the palette run its commands. */
export function useShownList(context: ListContext): void {
  useEffect(() => {
    const { order } = context;
    const before = shownOrder.peek();
    const isSame = before.length === order.length && before.every((id, at) => id === order[at]);
    if (!isSame) shownOrder.value = order;
    shownList.value = context;
  });
}

/** A selection of tasks that are gone is dropped. */
export function useSelectionOf({ state, order }: ListContext): void {
  useEffect(() => {
    const selected = state.selected.peek();
    if (selected.size === 0) return;
    const shown = new Set(order);
    const left = [...selected].filter((id) => shown.has(id));
    if (left.length < selected.size) state.selected.value = new Set(left);
  });
}

/**
 * The handler of the keys of a list.
 *
 * @param special commands of another place, such as a board, tried before those of lists: the scope
 *   and a function that runs a command, or returns false.
 */
export function useListKeys(
  context: ListContext,
  special?: { scope: KeyScope; run: (command: Command) => boolean },
) {
  const pending = useRef<Pending>(null);
  return (event: KeyboardEvent) => {
    const { state } = context;
    if (event.key === "Escape" && state.selected.peek().size > 0) {
      state.selected.value = new Set();
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const options = { singleKeys: look.peek().singleKeys, typing: isTyping(event.target) };
    // Enter and Space on a button of the row press the button.
    const isControl = event.target instanceof HTMLButtonElement;
    if (isControl && (event.key === "Enter" || event.key === " ")) return;
    const own = special && matchKey(event, [special.scope], pending.current, options);
    const isSpecial = own?.command != null && special?.run(own.command) === true;
    const match = matchKey(event, ["list"], pending.current, options);
    pending.current = isSpecial ? null : match.pending;
    if (isSpecial || (match.command && runListCommand(match.command, context))) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
}
