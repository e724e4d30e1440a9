import type { ReadonlySignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import type { Day } from "../../domain/days.ts";
import type { TaskRow as Row } from "../../domain/rows.ts";
import { t } from "../../i18n/translate.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Link, location } from "../../ui/location.tsx";
import { VirtualColumn } from "../../ui/VirtualColumn.tsx";
import type { VirtualListHandle } from "../../ui/VirtualList.tsx";
import { useApp } from "../app.ts";
import { describeDue } from "../due-label.ts";
import { canEdit } from "../people.tsx";
import { BulkBar } from "./BulkBar.tsx";
import type { ListContext } from "./commands.ts";
import { isShownDone } from "./edits.ts";
import { RowMenu } from "./lazy.ts";
import { RowCheckbox } from "./RowCheckbox.tsx";
import { labelRow, useTags } from "./row-label.ts";
import { createListState, type ListState } from "./state.ts";
import { findLine, useFocusRules, useListKeys, useSelectionOf } from "./use-list.ts";

export interface CompactListProps {
  label: string;
  rows: ReadonlySignal<readonly Row[]>;
  /** The day of all the tasks: their time alone is shown, and a task added below one is due on it. */
  day?: Day;
}

/** A narrow list of tasks in a box that scrolls by itself: the keys are those of lists. */
export function CompactList({ label, rows, day }: CompactListProps) {
  const app = useApp();
  const state = useMemo(createListState, []);
  const box = useRef<HTMLDivElement>(null);
  const handle = useRef<VirtualListHandle>({ scrollTo: () => {} });
  const order = rows.value.map(({ id }) => id);
  const context: ListContext = {
    app,
    state,
    order,
    lines: order,
    find: (key) => findLine(box.current, key),
    ordered: false,
    addDefaults: () => (day === undefined ? {} : { day }),
  };
  useFocusRules(state, order, box, (key) => handle.current.scrollTo(order.indexOf(key)));
  useSelectionOf(context);
  const onKeyDown = useListKeys(context);
  return (
    <div ref={box}>
      <VirtualColumn
        label={label}
        class="compact-list"
        count={order.length}
        getKey={(index) => order[index] ?? ""}
        estimate={48}
        activeIndex={order.indexOf(state.active.value ?? "")}
        handle={handle}
        onKeyDown={onKeyDown}
        renderRow={(index) => {
          const row = rows.value[index];
          return row && <CompactRow row={row} index={index} state={state} day={day} />;
        }}
      />
      {state.menu.value && <RowMenu menu={state.menu.value} context={context} />}
      {state.selected.value.size > 0 && <BulkBar context={context} />}
    </div>
  );
}

interface CompactRowProps {
  row: Row;
  index: number;
  state: ListState;
  day: Day | undefined;
}

function CompactRow({ row, index, state, day }: CompactRowProps) {
  const app = useApp();
  app.replica.watchTask(row.id).value;
  const done = isShownDone(app.replica.task(row.id) ?? row);
  const due = describeDue(row, app, { onlyTime: day })?.text;
  const label = labelRow(row, app.replica, due);
  const selected = state.selected.value.has(row.id);
  return (
    <div
      class={done ? "tray-item is-done" : "tray-item"}
      role="row"
      data-key={row.id}
      data-drag={row.id}
      data-autofocus={state.active.value === row.id ? "" : undefined}
      aria-rowindex={index + 1}
      aria-selected={selected}
      aria-label={label}
      tabIndex={state.active.value === row.id ? 0 : -1}
      onFocusIn={() => {
        state.active.value = row.id;
      }}
    >
      <div role="gridcell">
        <RowCheckbox canEdit={canEdit(app.replica)} row={row} done={done} state={state} />
      </div>
      <div role="gridcell">
        <Link
          class="t"
          href={`${location.value.path}?task=${row.id}`}
          tabIndex={-1}
          draggable={false}
        >
          <bdi>{row.title || t("list.untitled")}</bdi>
        </Link>
        <CompactMeta row={row} due={due} />
      </div>
      <div role="gridcell">
        {canEdit(app.replica) && (
          <IconButton
            small
            icon="more"
            label={t("list.moreFor")}
            aria-haspopup="menu"
            tabIndex={-1}
            onClick={(event) => {
              state.menu.value = { kind: "more", ids: [row.id], anchor: event.currentTarget };
            }}
          />
        )}
      </div>
    </div>
  );
}

function CompactMeta({ row, due }: { row: Row; due: string | undefined }) {
  const { replica } = useApp();
  const tags = useTags(row, replica).map((name) => `@${name}`);
  const category = replica.categories.value.find(({ id }) => id === row.category_id)?.name;
  const parts = [due, ...tags, category].filter((part) => part !== undefined);
  if (parts.length === 0) return null;
  return (
    <span class="meta-text">
      {parts.map((part) => (
        <bdi key={part}>{part} </bdi>
      ))}
    </span>
  );
}
