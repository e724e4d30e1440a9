import type { ReadonlySignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { withQuery } from "../../ui/location.tsx";
import { VirtualList, type VirtualListHandle } from "../../ui/VirtualList.tsx";
import { useApp } from "../app.ts";
import { canEdit } from "../people.tsx";
import type { QuickAddDefaults } from "../quickadd/state.ts";
import { BulkBar } from "./BulkBar.tsx";
import type { ListContext } from "./commands.ts";
import { toggleDone } from "./edits.ts";
import type { Entry } from "./entries.ts";
import { RowMenu } from "./lazy.ts";
import { OtherLine } from "./lines.tsx";
import { createListState, type ListState, toggle } from "./state.ts";
import { type RowOptions, TaskRow } from "./TaskRow.tsx";
import { createRowTouch } from "./touch.ts";
import { useListDrag } from "./use-drag.ts";
import {
  findLine,
  useFocusRules,
  useLeaving,
  useListKeys,
  useSelectionOf,
  useShownList,
} from "./use-list.ts";

export interface TaskListProps {
  label: string;
  entries: ReadonlySignal<readonly Entry[]>;
  options: RowOptions;
  /** Whether the list is in the manual order. */
  ordered?: boolean;
  state?: ListState;
  /** What a task that is added below another one gets, besides what the page gives. */
  addDefaults?: (id: string) => QuickAddDefaults;
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
  useLeaving();
  useShownList(context);
  useSelectionOf(context);
  useListDrag(box, context, entries);
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
              ordered={context.ordered && options.canEdit}
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
    addDefaults: props.addDefaults ?? (() => ({})),
  };
}

function canHaveFocus(entry: Entry): boolean {
  return entry.kind === "task" || entry.kind === "fold" || (entry.kind === "group" && !!entry.fold);
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
