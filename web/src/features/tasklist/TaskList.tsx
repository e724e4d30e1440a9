import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { matchKey, type Pending } from "../../keys/match.ts";
import { withQuery } from "../../ui/location.tsx";
import { VirtualList, type VirtualListHandle } from "../../ui/VirtualList.tsx";
import { useApp } from "../app.ts";
import { look } from "../look.ts";
import { canEdit } from "../people.tsx";
import { BulkBar } from "./BulkBar.tsx";
import { type ListContext, runListCommand } from "./commands.ts";
import { toggleDone } from "./edits.ts";
import type { Entry } from "./entries.ts";
import { release } from "./kept.ts";
import { RowMenu } from "./lazy.ts";
import { OtherLine } from "./lines.tsx";
import { shownList, shownOrder } from "./order.ts";
import { createListState, type ListState, toggle } from "./state.ts";
import { type RowOptions, TaskRow } from "./TaskRow.tsx";
import { createRowTouch } from "./touch.ts";
import { isTyping } from "./typing.ts";

export interface TaskListProps {
  label: string;
  entries: ReadonlySignal<readonly Entry[]>;
  options: RowOptions;
  /** Whether the list is in the manual order. */
  ordered?: boolean;
  state?: ListState;
}

/** Heights of the lines until they are measured, in pixels. */
const ESTIMATE = { task: 40, group: 64, fold: 56, note: 64 } as const;

/** A list of tasks: rows, keys, selection, boxes and the bar of actions. */
export function TaskList(props: TaskListProps) {
  const { entries, options } = props;
  const own = useMemo(createListState, []);
  const state = props.state ?? own;
  const app = useApp();
  const box = useRef<HTMLDivElement>(null);
  const handle = useRef<VirtualListHandle>({ scrollTo: () => {} });
  const lines = entries.value;
  const context = useContextOf(props, state, lines, box);
  useFocusRules(state, context.lines, box, (key) =>
    handle.current.scrollTo(lines.findIndex((line) => line.key === key)),
  );
  useOpenedTasks(context);
  const touch = useTouch(state);
  const onKeyDown = useListKeys(context);

  return (
    <div ref={box}>
      <VirtualList
        label={props.label}
        tree={props.ordered ?? false}
        class={listClass(app.replica.members.value.length, options)}
        count={lines.length}
        getKey={(index) => lines[index]?.key ?? ""}
        estimate={(index) => ESTIMATE[lines[index]?.kind ?? "task"]}
        activeIndex={lines.findIndex(({ key }) => key === state.active.value)}
        handle={handle}
        onKeyDown={onKeyDown}
        renderRow={(index) => {
          const entry = lines[index];
          if (!entry) return null;
          if (entry.kind !== "task") return <OtherLine entry={entry} index={index} state={state} />;
          return (
            <TaskRow
              entry={entry}
              index={index + 1}
              state={state}
              options={options}
              href={withQuery("task", entry.id)}
              tree={props.ordered ?? false}
              touch={touch}
            />
          );
        }}
      />
      {state.menu.value && <RowMenu menu={state.menu.value} context={context} />}
      {state.selected.value.size > 0 && <BulkBar context={context} />}
    </div>
  );
}

/** Columns that no row of the workspace can fill are left out. */
function listClass(members: number, { showCategory }: RowOptions): string {
  const names = [members < 2 && "no-who", !showCategory && "no-cat"];
  return names.filter(Boolean).join(" ");
}

function useContextOf(
  props: TaskListProps,
  state: ListState,
  entries: readonly Entry[],
  box: { current: HTMLDivElement | null },
): ListContext {
  const app = useApp();
  return {
    app,
    state,
    order: entries.flatMap((entry) => (entry.kind === "task" ? [entry.id] : [])),
    lines: entries.filter(canHaveFocus).map(({ key }) => key),
    find: (key) => findLine(box.current, key),
    ordered: props.ordered ?? false,
  };
}

function canHaveFocus(entry: Entry): boolean {
  return entry.kind === "task" || entry.kind === "fold" || (entry.kind === "group" && !!entry.fold);
}

function findLine(box: HTMLElement | null, key: string): HTMLElement | null {
  return box?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`) ?? null;
}

/**
 * One line has the tab stop. When it disappears, the next one has it, and the focus if the list
 * had it. Moving the tab stop by keys moves the focus.
 */
function useFocusRules(
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

/** Completed tasks stay in a list until it is left; a selection of tasks that are gone is dropped. */
function useOpenedTasks(context: ListContext): void {
  const { state, order } = context;
  useEffect(
    () => () => {
      release();
      shownOrder.value = [];
      shownList.value = null;
    },
    [],
  );
  useEffect(() => {
    const before = shownOrder.peek();
    const isSame = before.length === order.length && before.every((id, at) => id === order[at]);
    if (!isSame) shownOrder.value = order;
    shownList.value = context;
  });
  useEffect(() => {
    const shown = new Set(order);
    const left = [...state.selected.peek()].filter((id) => shown.has(id));
    if (left.length < state.selected.peek().size) state.selected.value = new Set(left);
  });
}

function useTouch(state: ListState) {
  const { replica } = useApp();
  return useMemo(
    () =>
      createRowTouch({
        forward: (id) => {
          if (canEdit(replica)) void toggleDone(replica, [id]);
        },
        back: (id, row) => {
          if (canEdit(replica)) state.menu.value = { kind: "date", ids: [id], anchor: row };
        },
        longPress: (id) => {
          if (canEdit(replica)) toggle(state.selected, id);
        },
      }),
    [replica, state],
  );
}

function useListKeys(context: ListContext) {
  const pending = useRef<Pending>(null);
  return (event: KeyboardEvent) => {
    const { state } = context;
    if (event.key === "Escape" && state.selected.peek().size > 0) {
      state.selected.value = new Set();
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const singleKeys = look.peek().singleKeys;
    const options = { singleKeys, typing: isTyping(event.target) };
    // Enter and Space on a button of the row press the button.
    const isControl = event.target instanceof HTMLButtonElement;
    if (isControl && (event.key === "Enter" || event.key === " ")) return;
    const match = matchKey(event, ["list"], pending.current, options);
    pending.current = match.pending;
    if (match.command && runListCommand(match.command, context)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
}
