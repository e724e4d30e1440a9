import { computed, signal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Day } from "../../domain/days.ts";
import type { TaskRow } from "../../domain/rows.ts";
import { getDayStart } from "../../domain/zones.ts";
import { formatDay } from "../../i18n/format.ts";
import { t } from "../../i18n/translate.ts";
import { type App, useApp } from "../app.ts";
import { describeDue } from "../due-label.ts";
import { canEdit } from "../people.tsx";
import { InlineAdd } from "../quickadd/InlineAdd.tsx";
import { getRows, listOpen } from "../rows.ts";
import { PageHead } from "../shell/PageHead.tsx";
import { Empty } from "./Empty.tsx";
import { isShownDone } from "./edits.ts";
import { type Entry, listTasks } from "./entries.ts";
import { kept } from "./kept.ts";
import { DateMenu } from "./lazy.ts";
import { isDone, listShown } from "./shown.ts";
import { TaskList } from "./TaskList.tsx";
import { findNext, splitToday, type TodayRows } from "./today.ts";

/** The page Today: overdue, today, done today. */
export function TodayList() {
  const app = useApp();
  const [reschedule, setReschedule] = useState<HTMLElement | null>(null);
  const model = useMemo(() => createModel(app, setReschedule), [app]);
  const today = app.clock.today.value;
  const { count, rows } = model;
  useNewDay(today);
  const isEmpty = rows.value.overdue.length + rows.value.today.length === 0;
  const day = formatDay(today, "full");
  return (
    <div class="col">
      <PageHead
        title={t("nav.today")}
        sub={count.value > 0 ? t("list.toDo", { day, count: count.value }) : day}
      />
      <InlineAdd defaults={{ day: today }} />
      {isEmpty && app.replica.status.value.phase === "ready" && <TodayEmpty app={app} />}
      <TaskList
        label={t("nav.today")}
        entries={model.entries}
        options={{ onlyTime: today, showCategory: true, canEdit: canEdit(app.replica) }}
      />
      {reschedule && (
        <DateMenu
          anchor={reschedule}
          ids={rows.value.overdue.filter((row) => !isShownDone(row)).map(({ id }) => id)}
          onClose={() => setReschedule(null)}
        />
      )}
    </div>
  );
}

/** A new day is a new list: what was completed yesterday leaves it. */
export function useNewDay(today: Day): void {
  const [first] = useState(today);
  useEffect(() => {
    if (today !== first) kept.value = new Map();
  }, [today, first]);
}

function createModel(app: App, onReschedule: (anchor: HTMLElement) => void) {
  const { replica, clock } = app;
  const isOpen = signal(false);
  const rows = computed(() => {
    return splitToday(listShown(replica), clock.today.value, replica.person.time_zone);
  });
  const done = computed(() => listDone(app, rows.value));
  const count = computed(() => {
    const { overdue, today } = rows.value;
    return [...overdue, ...today].filter(({ id }) => !isDone(replica, id)).length;
  });
  const toggle = () => {
    isOpen.value = !isOpen.peek();
  };
  const entries = computed(() =>
    listEntries(rows.value, done.value, isOpen.value, toggle, onReschedule, (id) =>
      isDone(replica, id),
    ),
  );
  return { rows, count, entries };
}

/** Tasks completed today that the groups do not show, the latest first. */
function listDone({ replica, clock }: App, { overdue, today }: TodayRows): TaskRow[] {
  const start = getDayStart(clock.today.value, replica.person.time_zone);
  const since = new Date(start).toISOString();
  const above = new Set([...overdue, ...today].map(({ id }) => id));
  return getRows(replica, replica.bucket("status", "done").value)
    .filter((row) => !above.has(row.id) && row.completed_at !== null && row.completed_at >= since)
    .sort((a, b) => (b.completed_at ?? "").localeCompare(a.completed_at ?? ""));
}

function listEntries(
  { overdue, today }: TodayRows,
  done: readonly TaskRow[],
  isOpen: boolean,
  toggle: () => void,
  reschedule: (anchor: HTMLElement) => void,
  isDoneId: (id: string) => boolean,
): Entry[] {
  const entries: Entry[] = [];
  const left = (rows: readonly TaskRow[]) => rows.filter(({ id }) => !isDoneId(id)).length;
  if (overdue.length > 0) {
    entries.push({
      kind: "group",
      key: "overdue",
      label: t("list.overdue"),
      count: left(overdue),
      ...(left(overdue) > 0 && { action: { label: t("list.rescheduleAll"), run: reschedule } }),
    });
    entries.push(...listTasks(overdue));
    if (today.length > 0) {
      const label = t("list.today");
      entries.push({ kind: "group", key: "today", label, count: left(today) });
    }
  }
  entries.push(...listTasks(today));
  if (done.length > 0) {
    const label = t("list.doneToday");
    entries.push({ kind: "fold", key: "done", label, count: done.length, open: isOpen, toggle });
    if (isOpen) entries.push(...listTasks(done));
  }
  return entries;
}

/** All is done, or nothing was due: with the task that is due next. */
function TodayEmpty({ app }: { app: App }) {
  const open = listOpen(app.replica);
  const next = findNext(open, app.clock.today.value, app.replica.person.time_zone);
  const due = next && describeDue(next, app)?.text;
  if (app.replica.count("all", "") === 0) {
    return <Empty title={t("empty.today")} detail={t("empty.todayHelp")} />;
  }
  return (
    <Empty
      title={t("empty.todayDone")}
      detail={next && due ? t("empty.todayDoneNext", { title: next.title, due }) : undefined}
    />
  );
}
