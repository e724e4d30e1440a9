import "../../styles/board.css";
import "../../styles/board-app.css";
import "../../styles/compact-list.css";
import type { ReadonlySignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { t } from "../../i18n/translate.ts";
import type { Replica } from "../../replica/replica.ts";
import type { VirtualListHandle } from "../../ui/VirtualList.tsx";
import { useApp } from "../app.ts";
import { canEdit } from "../people.tsx";
import { openQuickAdd, type QuickAddDefaults } from "../quickadd/state.ts";
import { BulkBar } from "../tasklist/BulkBar.tsx";
import type { ListContext } from "../tasklist/commands.ts";
import { RowMenu } from "../tasklist/lazy.ts";
import { namePriority } from "../tasklist/menus.tsx";
import { createListState } from "../tasklist/state.ts";
import {
  findLine,
  useFocusRules,
  useLeaving,
  useListKeys,
  useSelectionOf,
  useShownList,
} from "../tasklist/use-list.ts";
import { BoardColumn } from "./BoardColumn.tsx";
import {
  type Column,
  findCard,
  type Grouping,
  getFields,
  PRIORITIES,
  STATUSES,
} from "./columns.ts";
import { type BoardKeys, runBoardKey, runBoardMenu } from "./commands.ts";
import { useCardDrag } from "./drag.ts";
import { type Scope, watchColumns } from "./model.ts";

export interface BoardProps {
  scope: Scope;
  grouping: Grouping;
}

/** The columns of a board with their cards, and the keys and drags that move cards. */
export function Board({ scope, grouping }: BoardProps) {
  const app = useApp();
  const { replica } = app;
  const mayEdit = canEdit(replica);
  const state = useMemo(createListState, []);
  const { index, value } = scope;
  const columns = useMemo(
    () => watchColumns(replica, { index, value }, grouping),
    [replica, index, value, grouping],
  );
  const box = useRef<HTMLDivElement>(null);
  const handles = useRef(new Map<string, { current: VirtualListHandle }>());
  const { dragged, over } = useCardDrag(box, columns, grouping, state);
  const keys: BoardKeys = { replica, state, columns, grouping, rtl: document.dir === "rtl" };
  const order = columns.value.flatMap(({ rows }) => rows.map(({ id }) => id));
  const context: ListContext = {
    app,
    state,
    order,
    lines: order,
    find: (key) => findLine(box.current, key),
    ordered: true,
    addDefaults: (id) => {
      const at = findCard(columns.peek(), id);
      return getDefaults(grouping, columns.peek()[at?.column ?? -1]?.key ?? "none");
    },
    board: (command) => runBoardMenu(command, keys),
  };
  useLeaving();
  useShownList(context);
  useSelectionOf(context);
  useFocusRules(state, context.lines, box, makeCardScroll(columns, handles.current, box));
  const onKeyDown = useListKeys(context, {
    scope: "board",
    run: (command) => runBoardKey(command, keys),
  });
  return (
    <div class="board" ref={box} onKeyDown={onKeyDown}>
      {columns.value.map((column) => (
        <BoardColumn
          key={column.key}
          column={column}
          name={nameColumn(replica, grouping, column.key)}
          state={state}
          showCategory={grouping !== "category" && scope.index !== "category"}
          dragged={dragged.value}
          over={over.value?.column === column.key ? over.value.index : null}
          handle={getHandle(handles.current, column.key)}
          onAdd={mayEdit ? () => openQuickAdd(getDefaults(grouping, column.key)) : null}
        />
      ))}
      {state.menu.value && <RowMenu menu={state.menu.value} context={context} />}
      {state.selected.value.size > 0 && <BulkBar context={context} />}
    </div>
  );
}

type Handles = Map<string, { current: VirtualListHandle }>;

function getHandle(handles: Handles, key: string): { current: VirtualListHandle } {
  const known = handles.get(key);
  if (known) return known;
  const made = { current: { scrollTo: () => {} } };
  handles.set(key, made);
  return made;
}

/** Scrolls to a card: in its column, and the board to the column. */
function makeCardScroll(
  columns: ReadonlySignal<readonly Column[]>,
  handles: Handles,
  box: { current: HTMLElement | null },
): (id: string) => void {
  return (id) => {
    for (const { key, rows } of columns.peek()) {
      const index = rows.findIndex((row) => row.id === id);
      if (index < 0) continue;
      handles.get(key)?.current.scrollTo(index);
      const column = box.current?.querySelector(`[data-column="${CSS.escape(key)}"]`);
      column?.scrollIntoView({ block: "nearest", inline: "nearest" });
      return;
    }
  };
}

/** What a task that is added to a column gets. */
function getDefaults(grouping: Grouping, column: string): QuickAddDefaults {
  if (grouping === "category" && column !== "none") return { categoryId: column };
  return { fields: getFields(grouping, column) };
}

/** The name of a column, as its heading shows it. */
function nameColumn(replica: Replica, grouping: Grouping, key: string): string {
  const priority = PRIORITIES.find((each) => String(each) === key);
  const status = STATUSES.find((each) => each === key);
  if (grouping === "priority" && priority) return namePriority(priority);
  if (grouping === "status" && status) return t(`status.${status}`);
  if (grouping === "category") {
    const category = replica.categories.value.find(({ id }) => id === key);
    return category?.name ?? t("task.noCategory");
  }
  return replica.members.value.find(({ id }) => id === key)?.name ?? t("task.nobody");
}
