/** What the command palette offers. */
import type { ComponentChildren } from "preact";
import type { TaskRow } from "../../domain/rows.ts";
import type { Query, SearchResult } from "../../domain/search.ts";
import { findMarks } from "../../domain/searchMarks.ts";
import { type TextKey, t } from "../../i18n/translate.ts";
import { Icon, type IconName } from "../../ui/Icon.tsx";
import { navigate, setQuery } from "../../ui/location.tsx";
import type { App } from "../app.ts";
import { Dot } from "../Dot.tsx";
import { describeDue } from "../due-label.ts";
import { categoryPath, filterPath, PATHS, searchPath, tagPath } from "../paths.ts";
import { canEdit } from "../people.tsx";
import { openQuickAdd } from "../quickadd/state.ts";
import { getRows } from "../rows.ts";
import { fits } from "../search/find.ts";
import { PriorityMark } from "../tasklist/PriorityMark.tsx";
import { listActions } from "./actions.ts";

export type PaletteGroup = "tasks" | "goTo" | "actions";

export interface PaletteItem {
  readonly id: string;
  readonly group: PaletteGroup;
  readonly label: string;
  readonly mark: ComponentChildren;
  /** What the item is, at the end of the line. */
  readonly end?: string | undefined;
  /** The key that does the same, as in the keyboard table. */
  readonly shortcut?: string | undefined;
  readonly run: () => void;
}

/** Places that are offered for a text. More of them are found by typing on. */
const MAX_PLACES = 8;

/** The items for a text, in the order in which they are shown. */
export function listItems(
  app: App,
  text: string,
  query: Query,
  found: SearchResult,
): readonly PaletteItem[] {
  const rows = getRows(
    app.replica,
    found.hits.map(({ id }) => id),
  );
  return [
    ...rows.map((row) => makeTaskItem(row, app)),
    ...sortByMatch(listPlaces(app), query).slice(0, MAX_PLACES),
    ...sortByMatch(listActionItems(app), query),
    ...(text.trim() === "" ? [] : listTextItems(text.trim(), canEdit(app.replica))),
  ];
}

/** The items that have all parts of the query, those that begin with it first. */
export function sortByMatch(items: readonly PaletteItem[], query: Query): PaletteItem[] {
  const fitting = items.filter(({ label }) => fits(label, query));
  const begins = ({ label }: PaletteItem) => findMarks(label, query)[0]?.start === 0;
  return [...fitting.filter(begins), ...fitting.filter((item) => !begins(item))];
}

function makeTaskItem(row: TaskRow, app: App): PaletteItem {
  const category = app.replica.categories.value.find(({ id }) => id === row.category_id);
  const isClosed = row.status === "done" || row.status === "cancelled";
  const state = isClosed ? t(`status.${row.status}`) : describeDue(row, app)?.text;
  return {
    id: `task-${row.id}`,
    group: "tasks",
    label: row.title || t("list.untitled"),
    mark: isClosed ? <Icon name="check" /> : <PriorityMark priority={row.priority} />,
    end: [state, category?.name].filter(Boolean).join(" · "),
    run: () => setQuery("task", row.id),
  };
}

const PAGES: readonly { path: string; label: TextKey; icon: IconName; shortcut?: string }[] = [
  { path: PATHS.today, label: "nav.today", icon: "today", shortcut: "g t" },
  { path: PATHS.inbox, label: "nav.inbox", icon: "inbox", shortcut: "g i" },
  { path: PATHS.search, label: "nav.search", icon: "search", shortcut: "/" },
  { path: PATHS.trash, label: "nav.trash", icon: "trash" },
];

/** The pages, categories and tags. */
function listPlaces({ replica }: App): PaletteItem[] {
  const group = "goTo";
  const pages = PAGES.map(({ path, label, icon, shortcut }) => ({
    id: path,
    group,
    label: t(label),
    mark: <Icon name={icon} />,
    shortcut,
    run: () => navigate(path),
  }));
  const categories = replica.categories.value.map(({ id, name, color }) => ({
    id: `category-${id}`,
    group,
    label: name,
    mark: <Dot color={color} />,
    end: t("task.category"),
    run: () => navigate(categoryPath(id)),
  }));
  const filters = replica.filters.value.map(({ id, name, color }) => ({
    id: `filter-${id}`,
    group,
    label: name,
    mark: color ? <Dot color={color} /> : <Icon name="bookmark" />,
    end: t("filter.title"),
    run: () => navigate(filterPath(id)),
  }));
  const tags = replica.tags.value.map(({ id, name }) => ({
    id: `tag-${id}`,
    group,
    label: name,
    mark: <Icon name="at" />,
    end: t("palette.tag"),
    run: () => navigate(tagPath(id)),
  }));
  return [...pages, ...categories, ...filters, ...tags] as PaletteItem[];
}

function listActionItems({ replica }: App): PaletteItem[] {
  return listActions(replica).map(({ id, label, icon, shortcut, run }) => ({
    id: `action-${id}`,
    group: "actions",
    label,
    mark: <Icon name={icon} />,
    shortcut,
    run,
  }));
}

/** What can be done with every text. */
function listTextItems(text: string, mayAdd: boolean): PaletteItem[] {
  const items: PaletteItem[] = [
    {
      id: "search",
      group: "actions",
      label: t("palette.searchFor", { text }),
      mark: <Icon name="search" />,
      run: () => navigate(searchPath(text)),
    },
    {
      id: "add",
      group: "actions",
      label: t("palette.addTask", { text }),
      mark: <Icon name="plus" />,
      shortcut: "Mod+Enter",
      run: () => openQuickAdd({ text }),
    },
  ];
  return items.filter(({ id }) => mayAdd || id !== "add");
}
