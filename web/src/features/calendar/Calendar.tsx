import { useRef } from "preact/hooks";
import { type Day, getDayParts, getWeekday } from "../../domain/days.ts";
import { formatDay } from "../../i18n/format.ts";
import { PHONE, useMedia } from "../../ui/media.ts";
import { useApp } from "../app.ts";
import { canEdit } from "../people.tsx";
import { openQuickAdd } from "../quickadd/state.ts";
import { BulkBar } from "../tasklist/BulkBar.tsx";
import type { ListContext } from "../tasklist/commands.ts";
import { RowMenu } from "../tasklist/lazy.ts";
import { findLine, useListKeys, useSelectionOf, useShownList } from "../tasklist/use-list.ts";
import { firstWeekday } from "../week.ts";
import { Cell } from "./Cell.tsx";
import { type CalendarView, dayKey, fitDay, listWeeks, moreKey } from "./grid.ts";
import { listDayRows } from "./rows.ts";
import { type CalendarState, runCalendarCommand } from "./state.ts";

export interface CalendarProps {
  label: string;
  view: CalendarView;
  state: CalendarState;
  /** A day whose tasks are shown in full below the calendar. */
  showsDay: boolean;
}

/** Lines of a cell below the number of the day. */
const ROOM: Readonly<Record<CalendarView, number>> = { month: 3, week: 20 };

/** A month or a week as a grid of days. */
export function Calendar({ label, view, state, showsDay }: CalendarProps) {
  const box = useRef<HTMLDivElement>(null);
  const isPhone = useMedia(PHONE);
  const weeks = listWeeks(view, state.shown.value, firstWeekday.value);
  const room = isPhone ? ROOM.month : ROOM[view];
  const { context, lines } = useCalendarContext(state, weeks.flat(), room, box);
  useSelectionOf(context);
  const onKeyDown = useCalendarKeys(context, state, weeks.flat(), lines);
  const month = getDayParts(state.shown.value).month;
  return (
    <div ref={box}>
      <div
        class={`cal is-${view}`}
        role="grid"
        aria-label={label}
        onKeyDown={onKeyDown}
        onClick={(event) => selectDay(event, state)}
      >
        <div class="cal-head" role="row">
          {(weeks[0] ?? []).map((day) => (
            <span key={day} role="columnheader" class={getWeekday(day) > 4 ? "we" : undefined}>
              {formatDay(day, "weekday")}
            </span>
          ))}
        </div>
        {weeks.map((week, row) => (
          <div key={week[0]} class="cal-week" role="row">
            {week.map((day, column) => (
              <Cell
                key={day}
                day={day}
                state={state}
                room={room}
                outside={view === "month" && getDayParts(day).month !== month}
                isFirst={row === 0 && column === 0}
                box={box}
              />
            ))}
          </div>
        ))}
      </div>
      {state.list.menu.value && <RowMenu menu={state.list.menu.value} context={context} />}
      {state.list.selected.value.size > 0 && <BulkBar context={context} />}
      {!showsDay && <ShownList context={context} />}
    </div>
  );
}

/** The panel steps through the calendar, unless the list of a day is below it. */
function ShownList({ context }: { context: ListContext }) {
  useShownList(context);
  return null;
}

/** A click into a day makes it the day of the keys, and on a phone that of the list below. */
function selectDay(event: MouseEvent, state: CalendarState): void {
  if (!(event.target instanceof Element)) return;
  const day = event.target.closest<HTMLElement>("[data-day]")?.dataset.day;
  if (day === undefined || event.target.closest("a, button")) return;
  state.cursor.value = day;
  state.list.active.value = dayKey(day);
}

function useCalendarContext(
  state: CalendarState,
  days: readonly Day[],
  room: number,
  box: { readonly current: HTMLElement | null },
) {
  const app = useApp();
  const { replica } = app;
  const order = days.flatMap((day) => listDayRows(replica, day).map(({ id }) => id));
  const lines = (day: Day): string[] => {
    const { shown, more } = fitDay(listDayRows(replica, day), room, state.list.active.peek());
    const tasks = shown.map(({ id }) => id);
    return [dayKey(day), ...tasks, ...(more > 0 ? [moreKey(day)] : [])];
  };
  const context: ListContext = {
    app,
    state: state.list,
    order,
    lines: order,
    find: (key) => findLine(box.current, key),
    ordered: false,
    addDefaults: () => ({ day: state.cursor.peek() }),
  };
  return { context, lines };
}

function useCalendarKeys(
  context: ListContext,
  state: CalendarState,
  days: readonly Day[],
  lines: (day: Day) => readonly string[],
) {
  const { replica } = context.app;
  return useListKeys(context, {
    scope: "board",
    run: (command) => {
      const rtl = document.dir === "rtl";
      const isShown = (day: Day) => days.includes(day);
      if (runCalendarCommand(command, { replica, state, lines, isShown, rtl })) return true;
      return runOnDay(command, state, context);
    },
  });
}

/** A day without a task that has the focus: its keys are those of lists, as far as they fit. */
function runOnDay(command: string, state: CalendarState, context: ListContext): boolean {
  const day = state.cursor.peek();
  if (state.list.active.peek() !== dayKey(day)) return false;
  if (command === "addBelow" && canEdit(context.app.replica)) {
    openQuickAdd({ day });
    return true;
  }
  const anchor = context.find(dayKey(day));
  if (command !== "open" || !anchor) return false;
  state.opened.value = { day, anchor };
  return true;
}
