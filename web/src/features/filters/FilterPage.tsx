import { computed } from "@preact/signals";
import { useMemo, useState } from "preact/hooks";
import { deleteFilter, moveFilter } from "../../actions/labels.ts";
import type { SavedFilterRow } from "../../domain/rows.ts";
import { t } from "../../i18n/translate.ts";
import type { Replica } from "../../replica/replica.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { navigate } from "../../ui/location.tsx";
import { Menu, type MenuItem } from "../../ui/Menu.tsx";
import { showToast } from "../../ui/Toast.tsx";
import { type App, useApp } from "../app.ts";
import { Dot } from "../Dot.tsx";
import { ListTools } from "../lists/ListTools.tsx";
import { createListModel } from "../lists/model.ts";
import { findGrouping, getOptions, type ListOptions, resetOptions } from "../lists/options.ts";
import { PATHS } from "../paths.ts";
import { canEdit } from "../people.tsx";
import { getRows } from "../rows.ts";
import { PageHead } from "../shell/PageHead.tsx";
import { Empty } from "../tasklist/Empty.tsx";
import { reportFailure } from "../tasklist/edits.ts";
import { createListState } from "../tasklist/state.ts";
import { TaskList } from "../tasklist/TaskList.tsx";
import { readFilter } from "./compile.ts";
import { FilterDialog } from "./FilterDialog.tsx";
import { describeProblem, describeWarning } from "./texts.ts";

/** The tasks that a saved filter finds. */
export function FilterPage({ filter: saved }: { filter: SavedFilterRow }) {
  const app = useApp();
  const { replica } = app;
  const listKey = `filter:${saved.id}`;
  const defaults = getDefaults(saved);
  const state = useMemo(createListState, []);
  const text = saved.filter;
  const model = useMemo(
    () => createModel(app, state, text, listKey, defaults),
    [app, state, text, listKey, saved],
  );
  const { problem, warnings } = readFilter(app, text);
  const isEmpty = model.entries.value.length === 0;
  const isReady = replica.status.value.phase === "ready";
  return (
    <div class="col">
      <PageHead
        title={saved.name}
        mark={saved.color ? <Dot color={saved.color} /> : <Icon name="bookmark" />}
        sub={`${t("nav.open", { count: model.count.value })} · ${text}`}
      >
        <ListTools listKey={listKey} defaults={defaults} />
        {canEdit(replica) && <FilterMenu saved={saved} options={getOptions(listKey, defaults)} />}
      </PageHead>
      {problem && <p class="banner is-warn">{describeProblem(problem)}</p>}
      {warnings.map((warning) => (
        <p key={warning.start} class="banner is-warn">
          {describeWarning(warning)}
        </p>
      ))}
      {isEmpty && isReady && <Empty title={t("filter.empty")} detail={text} />}
      <TaskList
        label={saved.name}
        state={state}
        entries={model.entries}
        ordered={getOptions(listKey, defaults).sort === null}
        options={{ showCategory: true, canEdit: canEdit(replica) }}
      />
    </div>
  );
}

function getDefaults({ sort, group_by }: SavedFilterRow): ListOptions {
  return { sort, group: findGrouping(group_by) ?? "none" };
}

function createModel(
  app: App,
  state: ReturnType<typeof createListState>,
  text: string,
  listKey: string,
  defaults: ListOptions,
) {
  const { replica } = app;
  const read = computed(() => readFilter(app, text));
  return createListModel(app, state, {
    rows: computed(() => {
      const { problem, mentionsTrash } = read.value;
      if (problem !== null) return [];
      const trash = mentionsTrash ? replica.bucket("trash", "").value : [];
      return getRows(replica, [...replica.bucket("all", "").value, ...trash]);
    }),
    options: computed(() => getOptions(listKey, defaults)),
    filter: computed(() => read.value.filter),
  });
}

/** Edit, move and delete a saved filter. */
function FilterMenu({ saved, options }: { saved: SavedFilterRow; options: ListOptions }) {
  const { replica } = useApp();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [editing, setEditing] = useState(false);
  const items: MenuItem[] = [
    { id: "edit", label: t("filter.edit"), icon: "edit", onSelect: () => setEditing(true) },
    ...listMoves(replica, saved),
    {
      id: "delete",
      label: t("filter.delete"),
      icon: "trash",
      danger: true,
      separated: true,
      onSelect: () => void remove(replica, saved),
    },
  ];
  return (
    <>
      <IconButton
        icon="more"
        label={t("ui.more")}
        aria-haspopup="menu"
        onClick={(event) => setAnchor(event.currentTarget)}
      />
      {anchor && (
        <Menu
          fromEnd
          anchor={anchor}
          label={t("filter.title")}
          items={items}
          onClose={() => setAnchor(null)}
        />
      )}
      {editing && (
        <FilterDialog
          saved={saved}
          start={saved}
          options={options}
          onClose={() => setEditing(false)}
        />
      )}
    </>
  );
}

function listMoves(replica: Replica, { id }: SavedFilterRow): MenuItem[] {
  const filters = replica.filters.value;
  const at = filters.findIndex((filter) => filter.id === id);
  const [above, below] = [filters[at - 1], filters[at + 1]];
  const move = (place: Parameters<typeof moveFilter>[2]) =>
    void reportFailure(moveFilter(replica, id, place));
  return [
    {
      id: "up",
      label: t("task.moveUp"),
      icon: "arrow-up",
      separated: true,
      disabled: !above,
      onSelect: () => above && move({ before: above.id }),
    },
    {
      id: "down",
      label: t("task.moveDown"),
      icon: "arrow-down",
      disabled: !below,
      onSelect: () => below && move({ after: below.id }),
    },
  ];
}

async function remove(replica: Replica, { id, name }: SavedFilterRow): Promise<void> {
  const done = await reportFailure(deleteFilter(replica, id));
  if (done === null) return;
  const { group } = done;
  resetOptions(`filter:${id}`);
  navigate(PATHS.today, { replace: true });
  const undo = { label: t("ui.undo"), run: () => void replica.undo(group ?? undefined) };
  showToast({ text: t("filter.deleted", { name }), action: undo });
}
