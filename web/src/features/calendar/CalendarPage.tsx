import "../../styles/calendar.css";
import "../../styles/compact-list.css";
import type { ComponentChildren } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { formatDay, formatDays } from "../../i18n/format.ts";
import { t } from "../../i18n/translate.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { useDragArea } from "../../ui/drag.ts";
import { PHONE, useMedia } from "../../ui/media.ts";
import { useApp } from "../app.ts";
import { canEdit } from "../people.tsx";
import { usePageDefaults } from "../quickadd/InlineAdd.tsx";
import { PageHead } from "../shell/PageHead.tsx";
import { setDay } from "../tasklist/edits.ts";
import { useLeaving } from "../tasklist/use-list.ts";
import { firstWeekday } from "../week.ts";
import { Calendar } from "./Calendar.tsx";
import { DayBox } from "./DayBox.tsx";
import { DayTasks } from "./DayTasks.tsx";
import { type CalendarView, dayKey, listWeeks, stepPeriod } from "./grid.ts";
import { type CalendarState, createCalendarState } from "./state.ts";
import { Tray } from "./Tray.tsx";

export interface CalendarPageProps {
  view: CalendarView;
  /** The switch between days, week and month. */
  children: ComponentChildren;
}

/** Upcoming as a calendar, with a tray of the tasks without a date. */
export function CalendarPage({ view, children }: CalendarPageProps) {
  const { clock } = useApp();
  const state = useMemo(() => createCalendarState(clock.today.peek()), [clock]);
  const area = useRef<HTMLDivElement>(null);
  const isPhone = useMedia(PHONE);
  useLeaving();
  useDayDrag(area, state);
  usePageDefaults(isPhone ? { day: state.cursor.value } : {});
  const title = nameSpan(view, state);
  const opened = state.opened.value;
  return (
    <div class="col col-wide">
      <PageHead title={title}>
        <Steps view={view} state={state} />
        {!isPhone && children}
      </PageHead>
      {isPhone && children}
      <div class="upcoming" ref={area}>
        <div>
          <Calendar label={title} view={view} state={state} showsDay={isPhone} />
          {isPhone && <DayTasks day={state.cursor.value} />}
        </div>
        <Tray isOver={state.over.value === "none"} />
        {opened && (
          <DayBox
            {...opened}
            onClose={() => {
              state.opened.value = null;
            }}
          />
        )}
      </div>
    </div>
  );
}

function nameSpan(view: CalendarView, { shown }: CalendarState): string {
  if (view === "month") return formatDay(shown.value, "month");
  const [week = []] = listWeeks("week", shown.value, firstWeekday.value);
  return formatDays(week[0] ?? shown.value, week.at(-1) ?? shown.value);
}

/** The buttons that go to another month or week, and to today. */
function Steps({ view, state }: { view: CalendarView; state: CalendarState }) {
  const { clock } = useApp();
  const isMonth = view === "month";
  const show = (day: string) => {
    state.shown.value = day;
    state.cursor.value = day;
    state.list.active.value = dayKey(day);
  };
  return (
    <>
      <IconButton
        icon="chevron-left"
        label={t(isMonth ? "date.previousMonth" : "upcoming.previousWeek")}
        onClick={() => show(stepPeriod(view, state.shown.peek(), -1))}
      />
      <Button class="wide-only" onClick={() => show(clock.today.peek())}>
        {t("date.today")}
      </Button>
      <IconButton
        icon="chevron-right"
        label={t(isMonth ? "date.nextMonth" : "upcoming.nextWeek")}
        onClick={() => show(stepPeriod(view, state.shown.peek(), 1))}
      />
    </>
  );
}

/** A task that is dropped on a day moves to it and keeps its time; on the tray it loses its date. */
function useDayDrag(area: { current: HTMLElement | null }, state: CalendarState): void {
  const { replica } = useApp();
  useDragArea(area, {
    disabled: !canEdit(replica),
    item: "[data-drag]",
    onStart: (item) => {
      const id = item.dataset.drag ?? "";
      const selected = state.list.selected.peek();
      state.dragged.value = selected.has(id) ? [...selected] : [id];
    },
    onOver: (_, above) => {
      state.over.value = above.closest<HTMLElement>("[data-day]")?.dataset.day ?? null;
    },
    onLeave: () => {
      state.over.value = null;
    },
    onEnd: (dropped) => {
      const day = state.over.peek();
      const ids = state.dragged.peek();
      state.over.value = null;
      state.dragged.value = [];
      if (dropped && day !== null) void setDay(replica, ids, day === "none" ? null : day);
    },
  });
}
