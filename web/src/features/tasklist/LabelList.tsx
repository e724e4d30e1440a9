import { computed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { t } from "../../i18n/translate.ts";
import { IconButton } from "../../ui/Button.tsx";
import { location, setQuery } from "../../ui/location.tsx";
import { type App, useApp } from "../app.ts";
import { loadFilters, tryReadFilter } from "../filters/engine.ts";
import type { FilterScope } from "../filters/FilterBar.tsx";
import { FilterBar } from "../filters/lazy.ts";
import { ListTools } from "../lists/ListTools.tsx";
import { createListModel, type ListFilter } from "../lists/model.ts";
import { getOptions } from "../lists/options.ts";
import { canEdit } from "../people.tsx";
import { InlineAdd } from "../quickadd/InlineAdd.tsx";
import type { QuickAddDefaults } from "../quickadd/state.ts";
import { getRows } from "../rows.ts";
import { PageHead } from "../shell/PageHead.tsx";
import { Empty } from "./Empty.tsx";
import { createListState, type ListState } from "./state.ts";
import { TaskList } from "./TaskList.tsx";

export interface LabelListProps {
  title: string;
  mark?: ComponentChildren;
  /** The index of the replica and its key: `category` and an id, or `none` for the inbox. */
  index: "category" | "tag";
  value: string;
  /** The list as a condition of saved filters. */
  scope: FilterScope;
  defaults: QuickAddDefaults;
  empty: { title: string; detail?: string };
  /** The switch between list and board. */
  tools?: ComponentChildren;
}

/** The tasks of a category, of a tag or of the inbox, with sub-tasks, groups and a filter. */
export function LabelList(props: LabelListProps) {
  const app = useApp();
  const { index, value } = props;
  const listKey = `${index}:${value}`;
  const state = useMemo(createListState, []);
  const model = useMemo(() => createModel(app, state, index, value), [app, state, index, value]);
  const filter = location.value.query.get("filter");
  useEffect(() => {
    if (filter) void loadFilters();
  }, [filter]);
  const isEmpty = model.entries.value.every(({ kind }) => kind !== "task" && kind !== "group");
  const isReady = app.replica.status.value.phase === "ready";
  const empty = filter ? { title: t("filter.empty"), detail: filter } : props.empty;
  return (
    <div class="col">
      <PageHead
        title={props.title}
        mark={props.mark}
        sub={t("nav.open", { count: model.count.value })}
      >
        <IconButton
          icon="filter"
          label={t("filter.title")}
          pressed={filter !== null}
          onClick={() => setQuery("filter", filter === null ? "" : null, true)}
        />
        <ListTools listKey={listKey} />
        {props.tools}
      </PageHead>
      {filter !== null && <FilterBar options={getOptions(listKey)} scope={props.scope} />}
      <InlineAdd defaults={props.defaults} />
      {isEmpty && isReady && <Empty title={empty.title} detail={empty.detail} />}
      <TaskList
        ordered={getOptions(listKey).sort === null}
        label={props.title}
        state={state}
        entries={model.entries}
        options={{ showCategory: index !== "category", canEdit: canEdit(app.replica) }}
      />
    </div>
  );
}

const NOTHING: ListFilter = { test: () => false, showsClosed: false };

function createModel(app: App, state: ListState, index: "category" | "tag", value: string) {
  const { replica } = app;
  let valid: ListFilter | null = null;
  return createListModel(app, state, {
    rows: computed(() => getRows(replica, replica.bucket(index, value).value)),
    options: computed(() => getOptions(`${index}:${value}`)),
    filter: computed(() => {
      const text = location.value.query.get("filter");
      if (!text) return null;
      const read = tryReadFilter(app, text);
      if (read === null) return NOTHING;
      // While a filter is typed, the list is that of the last text without an error.
      if (read.problem === null) valid = read.filter;
      return valid;
    }),
  });
}
