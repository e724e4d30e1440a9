/** The lines of a list of tasks: filtered, sorted and grouped, with the done tasks below. */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Test } from "../../domain/filter/evaluate.ts";
import type { TaskRow } from "../../domain/rows.ts";
import { makeComparison, parseSort } from "../../domain/sorting.ts";
import { t } from "../../i18n/translate.ts";
import type { App } from "../app.ts";
import { type Entry, listTasks, nestTasks } from "../tasklist/entries.ts";
import { isClosed, kept } from "../tasklist/kept.ts";
import { type ListState, toggle } from "../tasklist/state.ts";
import { type GroupContext, groupTasks } from "./groups.ts";
import type { ListOptions } from "./options.ts";

export interface ListSource {
  readonly rows: ReadonlySignal<readonly TaskRow[]>;
  readonly options: ReadonlySignal<ListOptions>;
  /** The filter of the list, or null for none. */
  readonly filter: ReadonlySignal<ListFilter | null>;
}

export interface ListFilter {
  readonly test: Test;
  /** The filter says which states it wants: done tasks are shown among the others. */
  readonly showsClosed: boolean;
}

export interface ListModel {
  /** The number of open tasks. */
  readonly count: ReadonlySignal<number>;
  readonly entries: ReadonlySignal<readonly Entry[]>;
}

const MANUAL = "position";

/** The model of a list. Completed tasks stay where they were until the list is left. */
export function createListModel(app: App, state: ListState, source: ListSource): ListModel {
  const isDoneOpen = signal(false);
  const closedGroups = signal<ReadonlySet<string>>(new Set());
  const matching = computed(() => {
    const filter = source.filter.value;
    const rows = source.rows.value;
    // A task that was completed matches as it was.
    return filter ? rows.filter((row) => filter.test(kept.value.get(row.id)?.row ?? row)) : rows;
  });
  const sorted = computed(() => {
    const sort = parseSort(source.options.value.sort ?? MANUAL) ?? parseSort(MANUAL) ?? [];
    return [...matching.value].sort(makeComparison(sort));
  });
  const entries = computed((): Entry[] => {
    const showsClosed = source.filter.value?.showsClosed ?? false;
    const isShown = (row: TaskRow) => showsClosed || !isClosed(row) || kept.value.has(row.id);
    const done = sorted.value.filter((row) => !isShown(row));
    const shown = sorted.value.filter(isShown);
    const lines = listLines(app, state, shown, source.options.value.group, closedGroups);
    if (done.length === 0) return lines;
    lines.push({
      kind: "fold",
      key: "done",
      label: t("list.done"),
      count: done.length,
      open: isDoneOpen.value,
      toggle: () => {
        isDoneOpen.value = !isDoneOpen.peek();
      },
    });
    return isDoneOpen.value ? [...lines, ...listTasks(done)] : lines;
  });
  const count = computed(() => matching.value.filter((row) => !isClosed(row)).length);
  return { count, entries };
}

function listLines(
  app: App,
  state: ListState,
  rows: readonly TaskRow[],
  group: ListOptions["group"],
  closed: Signal<ReadonlySet<string>>,
): Entry[] {
  const folded = state.folded.value;
  if (group === "none") return nestTasks(rows, folded);
  return groupTasks(rows, group, getContext(app)).flatMap(({ key, label, rows: inGroup }) => {
    const open = !closed.value.has(key);
    const heading: Entry = {
      kind: "group",
      key: `group ${key}`,
      label,
      count: inGroup.filter((row) => !isClosed(row)).length,
      fold: { open, toggle: () => toggle(closed, key) },
    };
    return open ? [heading, ...nestTasks(inGroup, folded)] : [heading];
  });
}

function getContext({ replica, clock }: App): GroupContext {
  return {
    today: clock.today.value,
    zone: replica.person.time_zone,
    categories: replica.categories.value,
    tags: replica.tags.value,
    members: replica.members.value,
  };
}
