import { computed, type Signal, signal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Day } from "../../domain/days.ts";
import type { TaskRow } from "../../domain/rows.ts";
import { formatDay } from "../../i18n/format.ts";
import { t } from "../../i18n/translate.ts";
import { type App, useApp } from "../app.ts";
import { getRowDay } from "../due.ts";
import { describeDay } from "../due-label.ts";
import { canEdit } from "../people.tsx";
import { openQuickAdd } from "../quickadd/state.ts";
import { isShownDone } from "../tasklist/edits.ts";
import { type Entry, listTasks } from "../tasklist/entries.ts";
import { DateMenu } from "../tasklist/lazy.ts";
import { isDone, listShown } from "../tasklist/shown.ts";
import { TaskList } from "../tasklist/TaskList.tsx";
import { useNewDay } from "../tasklist/TodayList.tsx";
import { getDayRows, listDays, splitUpcoming, type UpcomingRows } from "./days.ts";

/** The number of days at first, and of those that are added when the end of the list is seen. */
const STEP_DAYS = 365;

/** All that is due, by day: overdue, today, and each day after it without an end. */
export function UpcomingList() {
  const app = useApp();
  const { replica, clock } = app;
  const [reschedule, setReschedule] = useState<HTMLElement | null>(null);
  const model = useMemo(() => createUpcoming(app, setReschedule), [app]);
  useNewDay(clock.today.value);
  return (
    <>
      <TaskList
        label={t("nav.upcoming")}
        entries={model.entries}
        options={{ showCategory: true, canEdit: canEdit(replica), timeOnly: true }}
        addDefaults={(id) => ({ day: findAddDay(app, id) })}
      />
      {reschedule && (
        <DateMenu
          anchor={reschedule}
          ids={model.rows
            .peek()
            .overdue.filter(({ id }) => !isDone(replica, id))
            .map(({ id }) => id)}
          onClose={() => setReschedule(null)}
        />
      )}
    </>
  );
}

/** A task that is added below another one is due on the same day; below a late one, today. */
function findAddDay({ replica, clock }: App, id: string): Day {
  const row = replica.task(id);
  const today = clock.today.peek();
  const day = row ? getRowDay(row, replica.person.time_zone) : null;
  return day === null || day < today ? today : day;
}

/** The lines of the list, and the rows by day. `onReschedule` opens the box of the overdue tasks. */
export function createUpcoming(app: App, onReschedule: (anchor: HTMLElement) => void) {
  const { replica, clock } = app;
  const shown = signal(STEP_DAYS);
  const rows = computed(() =>
    splitUpcoming(listShown(replica), clock.today.value, replica.person.time_zone),
  );
  const entries = computed(() => [
    ...listOverdue(rows.value, onReschedule, canEdit(replica)),
    ...listDays(clock.today.value, shown.value).flatMap((day) =>
      listDay(day, getDayRows(rows.value, day), clock.today.value, canEdit(replica)),
    ),
    moreDays(shown),
  ]);
  return { rows, entries };
}

function listOverdue(
  { overdue }: UpcomingRows,
  reschedule: (anchor: HTMLElement) => void,
  mayEdit: boolean,
) {
  if (overdue.length === 0) return [];
  const count = countOpen(overdue);
  const group: Entry = {
    kind: "group",
    key: "overdue",
    label: t("list.overdue"),
    count,
    ...(mayEdit && count > 0 && { action: { label: t("list.rescheduleAll"), run: reschedule } }),
  };
  return [group, ...listTasks(overdue)];
}

function listDay(day: Day, rows: readonly TaskRow[], today: Day, mayAdd: boolean): Entry[] {
  const label = nameDay(day, today);
  const group: Entry = {
    kind: "group",
    key: `day ${day}`,
    label,
    count: rows.length === 0 ? undefined : countOpen(rows),
    ...(mayAdd && {
      add: {
        label: t("upcoming.addOn", { day: formatDay(day, "day") }),
        run: () => openQuickAdd({ day }),
      },
    }),
  };
  return [group, ...listTasks(rows)];
}

function countOpen(rows: readonly TaskRow[]): number {
  return rows.filter((row) => !isShownDone(row)).length;
}

/** A day as a heading: Today · Thursday 26 November; of another year with the year. */
export function nameDay(day: Day, today: Day): string {
  const style = day.slice(0, 4) === today.slice(0, 4) ? "full" : "fullYear";
  const full = formatDay(day, style);
  const name = describeDay(day, today);
  const isNamed = [t("date.today"), t("date.tomorrow")].includes(name);
  return isNamed ? t("upcoming.named", { name, day: full }) : full;
}

/** The end of the list: when it comes into view, the list becomes longer. */
function moreDays(shown: Signal<number>): Entry {
  const extend = () => {
    shown.value += STEP_DAYS;
  };
  return {
    kind: "note",
    key: `more ${shown.value}`,
    content: <MoreDays onShow={extend} />,
  };
}

function MoreDays({ onShow }: { onShow: () => void }) {
  useEffect(() => {
    const timer = requestAnimationFrame(onShow);
    return () => cancelAnimationFrame(timer);
  }, [onShow]);
  return (
    <button class="btn btn-link" type="button" tabIndex={-1} onClick={onShow}>
      {t("upcoming.more")}
    </button>
  );
}
