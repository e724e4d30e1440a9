import { useLayoutEffect } from "preact/hooks";
import type { Day } from "../../domain/days.ts";
import { getWeekday } from "../../domain/days.ts";
import type { TaskRow } from "../../domain/rows.ts";
import { formatDay, formatTime } from "../../i18n/format.ts";
import { t } from "../../i18n/translate.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Link, location } from "../../ui/location.tsx";
import { useApp } from "../app.ts";
import { getRowTime } from "../due.ts";
import { canEdit } from "../people.tsx";
import { openQuickAdd } from "../quickadd/state.ts";
import { isShownDone } from "../tasklist/edits.ts";
import { labelRow } from "../tasklist/row-label.ts";
import { findLine } from "../tasklist/use-list.ts";
import { dayKey, fitDay, moreKey } from "./grid.ts";
import { listDayRows } from "./rows.ts";
import type { CalendarState } from "./state.ts";

export interface CellProps {
  day: Day;
  state: CalendarState;
  /** The number of lines that fit below the number of the day. */
  room: number;
  /** The day is not in the month that is shown. */
  outside: boolean;
  /** The first cell of the calendar names the month. */
  isFirst: boolean;
  box: { readonly current: HTMLElement | null };
}

/** A day of the calendar with the tasks that fit. */
export function Cell(props: CellProps) {
  const { day, state, room, box } = props;
  const { replica, clock } = useApp();
  const rows = listDayRows(replica, day);
  const active = state.list.active.value;
  const { shown, more } = fitDay(rows, room, active);
  const key = dayKey(day);
  useWanted(state, key, box);
  const isOver = state.over.value === day;
  const isToday = day === clock.today.value;
  const names = [
    "cal-day",
    getWeekday(day) > 4 && "we",
    props.outside && "out",
    isToday && "today",
    isOver && "is-drop",
    state.cursor.value === day && "is-cursor",
  ];
  return (
    <div
      class={names.filter(Boolean).join(" ")}
      role="gridcell"
      data-key={key}
      data-day={day}
      aria-current={isToday ? "date" : undefined}
      aria-label={t("upcoming.dayLabel", { day: formatDay(day, "full"), count: rows.length })}
      tabIndex={active === key ? 0 : -1}
      onFocusIn={(event) => {
        state.cursor.value = day;
        if (event.target === event.currentTarget) state.list.active.value = key;
      }}
    >
      <DayHead day={day} named={props.isFirst || day.endsWith("-01")} />
      {shown.map((row) => (
        <CalendarTask key={row.id} row={row} state={state} box={box} />
      ))}
      {more > 0 && <More day={day} count={more} state={state} box={box} />}
    </div>
  );
}

function DayHead({ day, named }: { day: Day; named: boolean }) {
  const { replica } = useApp();
  const label = t("upcoming.addOn", { day: formatDay(day, "day") });
  return (
    <div class="cal-n">
      <time dateTime={day}>{formatDay(day, named ? "dayShort" : "dayNumber")}</time>
      {canEdit(replica) && (
        <IconButton
          small
          icon="plus"
          label={label}
          tabIndex={-1}
          onClick={() => openQuickAdd({ day })}
        />
      )}
    </div>
  );
}

interface LineProps {
  state: CalendarState;
  box: { readonly current: HTMLElement | null };
}

/** A task in the cell of its day. */
function CalendarTask({ row, state, box }: LineProps & { row: TaskRow }) {
  const { replica } = useApp();
  useWanted(state, row.id, box);
  const time = getRowTime(row, replica.person.time_zone);
  const done = isShownDone(replica.task(row.id) ?? row);
  const name = labelRow(row, replica, time === null ? undefined : formatTime(time));
  const isDragged = state.dragged.value.includes(row.id);
  const isSelected = state.list.selected.value.has(row.id);
  const names = [
    "cal-task",
    done && "is-done",
    isDragged && "is-drag",
    isSelected && "is-selected",
  ];
  return (
    <Link
      class={names.filter(Boolean).join(" ")}
      href={`${location.value.path}?task=${row.id}`}
      title={row.title}
      data-key={row.id}
      data-drag={row.id}
      aria-label={done ? t("upcoming.taskDone", { task: name }) : name}
      aria-current={location.value.query.get("task") === row.id ? "true" : undefined}
      tabIndex={state.list.active.value === row.id ? 0 : -1}
      onFocusIn={() => {
        state.list.active.value = row.id;
      }}
    >
      <span class={`ring ring-sm p${row.priority}`} aria-hidden="true">
        {done && <Icon name="check" />}
      </span>
      <span class="t">
        <bdi>{row.title || t("list.untitled")}</bdi>
      </span>
      {time !== null && <span class="tm">{formatTime(time)}</span>}
    </Link>
  );
}

function More({ day, count, state, box }: LineProps & { day: Day; count: number }) {
  const key = moreKey(day);
  useWanted(state, key, box);
  return (
    <button
      class="cal-more"
      type="button"
      aria-haspopup="dialog"
      data-key={key}
      tabIndex={state.list.active.value === key ? 0 : -1}
      onFocusIn={() => {
        state.list.active.value = key;
      }}
      onClick={(event) => {
        state.opened.value = { day, anchor: event.currentTarget };
      }}
    >
      {t("upcoming.moreTasks", { count })}
    </button>
  );
}

/**
 * Give a line the focus when the keys want it there, also if it is only now in the document. When
 * a line that has the focus disappears, its day gets it.
 */
function useWanted(
  state: CalendarState,
  key: string,
  box: { readonly current: HTMLElement | null },
): void {
  const isWanted = state.wanted.value === key;
  useLayoutEffect(() => {
    if (!isWanted) return;
    findLine(box.current, key)?.focus({ preventScroll: false });
    state.wanted.value = null;
  }, [isWanted, key]);
  useLayoutEffect(
    () => () => {
      // The line may be in another cell by now: only the focus tells which one disappears.
      const focused = document.activeElement;
      if (!(focused instanceof HTMLElement) || focused.dataset.key !== key) return;
      if (!box.current?.contains(focused) || state.wanted.peek() !== null) return;
      const day = dayKey(state.cursor.peek());
      if (key === day) return;
      state.list.active.value = day;
      state.wanted.value = day;
    },
    [key],
  );
}
