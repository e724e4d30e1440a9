import { computed, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { compareByPosition } from "../../domain/order.ts";
import { t } from "../../i18n/translate.ts";
import { type App, useApp } from "../app.ts";
import { canEdit } from "../people.tsx";
import { InlineAdd } from "../quickadd/InlineAdd.tsx";
import type { QuickAddDefaults } from "../quickadd/state.ts";
import { getRows } from "../rows.ts";
import { PageHead } from "../shell/PageHead.tsx";
import { Empty } from "./Empty.tsx";
import { type Entry, listTasks, nestTasks } from "./entries.ts";
import { isClosed, kept } from "./kept.ts";
import { createListState, type ListState } from "./state.ts";
import { TaskList } from "./TaskList.tsx";

export interface LabelListProps {
  title: string;
  mark?: ComponentChildren;
  /** The index of the replica and its key: `category` and an id, or `none` for the inbox. */
  index: "category" | "tag";
  value: string;
  defaults: QuickAddDefaults;
  empty: { title: string; detail?: string };
}

/** The tasks of a category, of a tag or of the inbox, in manual order, with sub-tasks. */
export function LabelList(props: LabelListProps) {
  const app = useApp();
  const { index, value } = props;
  const state = useMemo(createListState, []);
  const model = useMemo(() => createModel(app, state, index, value), [app, state, index, value]);
  const open = model.count.value;
  const isEmpty = model.entries.value.every(({ kind }) => kind !== "task");
  const isReady = app.replica.status.value.phase === "ready";
  return (
    <div class="col">
      <PageHead title={props.title} mark={props.mark} sub={t("nav.open", { count: open })} />
      <InlineAdd defaults={props.defaults} />
      {isEmpty && isReady && <Empty title={props.empty.title} detail={props.empty.detail} />}
      <TaskList
        ordered
        label={props.title}
        state={state}
        entries={model.entries}
        options={{ showCategory: index !== "category", canEdit: canEdit(app.replica) }}
      />
    </div>
  );
}

function createModel(app: App, state: ListState, index: "category" | "tag", value: string) {
  const { replica } = app;
  const isOpen = signal(false);
  const all = computed(() =>
    getRows(replica, replica.bucket(index, value).value).sort(compareByPosition),
  );
  const count = computed(() => all.value.filter((row) => !isClosed(row)).length);
  const toggle = () => {
    isOpen.value = !isOpen.peek();
  };
  const entries = computed((): Entry[] => {
    const shown = all.value.filter((row) => !isClosed(row) || kept.value.has(row.id));
    const done = all.value.filter((row) => isClosed(row) && !kept.value.has(row.id));
    const lines: Entry[] = nestTasks(shown, state.folded.value);
    if (done.length === 0) return lines;
    const label = t("list.done");
    lines.push({
      kind: "fold",
      key: "done",
      label,
      count: done.length,
      open: isOpen.value,
      toggle,
    });
    return isOpen.value ? [...lines, ...listTasks(done)] : lines;
  });
  return { count, entries };
}
