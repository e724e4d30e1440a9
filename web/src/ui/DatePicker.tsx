import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { formatDay, formatTime } from "../i18n/format.ts";
import { t } from "../i18n/translate.ts";
import { IconButton } from "./Button.tsx";
import { FieldError } from "./Field.tsx";
import { Icon, type IconName } from "./Icon.tsx";
import { Popover } from "./Popover.tsx";

/** What the picker needs to know about days: it has no calendar of its own. */
export interface CalendarRules {
  today: string;
  /** The weeks of the month of a day, each with seven days, and the first and last days around it. */
  weeks: (day: string) => readonly (readonly string[])[];
  /** The same day in another month; the last day if the month is shorter. */
  addMonths: (day: string, months: number) => string;
  addDays: (day: string, days: number) => string;
}

export interface DayChoice {
  id: string;
  label: string;
  icon: IconName;
  end: string;
  /** Null removes the date. */
  day: string | null;
}

export interface DatePickerProps {
  anchor: HTMLElement;
  rules: CalendarRules;
  /** The chosen day, if any. */
  day: string | null;
  /** The time of day, such as `09:00`; null for the whole day. */
  time: string | null;
  choices: readonly DayChoice[];
  /** Reads a typed date. Returns false if the text is no date. */
  onType: (text: string) => boolean;
  onPick: (day: string | null) => void;
  /** Absent where a time makes no sense. */
  onTime?: (time: string | null) => void;
  onClose: () => void;
  children?: ComponentChildren;
}

/** A box to choose a day: by words, from a few usual days, or from a month. */
export function DatePicker(props: DatePickerProps) {
  const pick = (day: string | null) => {
    props.onClose();
    props.onPick(day);
  };
  return (
    <Popover
      anchor={props.anchor}
      label={t("date.title")}
      role="dialog"
      class="datepick"
      onClose={props.onClose}
    >
      <TypedDate onType={props.onType} onClose={props.onClose} />
      {props.choices.map((choice) => (
        <button key={choice.id} class="menu-item" type="button" onClick={() => pick(choice.day)}>
          <Icon name={choice.icon} />
          {choice.label}
          <span class="end">{choice.end}</span>
        </button>
      ))}
      <Month rules={props.rules} day={props.day} onPick={pick} />
      {props.onTime && props.day && <TimeLine time={props.time} onTime={props.onTime} />}
      {props.children}
    </Popover>
  );
}

function TypedDate({ onType, onClose }: Pick<DatePickerProps, "onType" | "onClose">) {
  const [text, setText] = useState("");
  const [failed, setFailed] = useState(false);
  const submit = (event: Event) => {
    event.preventDefault();
    if (text.trim() === "") return;
    if (onType(text)) onClose();
    else setFailed(true);
  };
  return (
    <form class="top" onSubmit={submit}>
      <input
        class="input"
        data-autofocus
        aria-label={t("date.type")}
        placeholder={t("date.placeholder")}
        aria-invalid={failed ? "true" : undefined}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setFailed(false);
        }}
      />
      {failed && <FieldError>{t("date.unknown")}</FieldError>}
    </form>
  );
}

interface MonthProps {
  rules: CalendarRules;
  day: string | null;
  onPick: (day: string) => void;
}

/** The steps of the arrow keys in a month, in days. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -7,
  ArrowDown: 7,
};

function Month({ rules, day, onPick }: MonthProps) {
  const [cursor, setCursor] = useState(day ?? rules.today);
  const table = useRef<HTMLTableElement>(null);
  const move = (target: string) => {
    setCursor(target);
    requestAnimationFrame(() =>
      table.current?.querySelector<HTMLElement>("[tabindex='0']")?.focus({ preventScroll: true }),
    );
  };
  const key = (event: KeyboardEvent) => {
    const rtl = getComputedStyle(table.current ?? document.body).direction === "rtl";
    const step = STEPS[event.key];
    if (event.key === "PageUp" || event.key === "PageDown") {
      move(rules.addMonths(cursor, event.key === "PageUp" ? -1 : 1));
    } else if (step !== undefined) {
      move(rules.addDays(cursor, rtl && Math.abs(step) === 1 ? -step : step));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const weeks = rules.weeks(cursor);
  return (
    <>
      <div class="mini-head">
        <h3 aria-live="polite">{formatDay(cursor, "month")}</h3>
        <IconButton
          small
          icon="chevron-left"
          label={t("date.previousMonth")}
          onClick={() => setCursor(rules.addMonths(cursor, -1))}
        />
        <IconButton
          small
          icon="chevron-right"
          label={t("date.nextMonth")}
          onClick={() => setCursor(rules.addMonths(cursor, 1))}
        />
      </div>
      <table class="mini" ref={table} onKeyDown={key}>
        <thead>
          <tr>
            {weeks[0]?.map((weekday) => (
              <th key={weekday} scope="col">
                {formatDay(weekday, "weekday").slice(0, 2)}
                <span class="sr">{formatDay(weekday, "weekdayLong")}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((week) => (
            <tr key={week[0]}>
              {week.map((each) => (
                <td key={each}>
                  <button
                    type="button"
                    class={each.slice(0, 7) === cursor.slice(0, 7) ? undefined : "out"}
                    aria-label={formatDay(each, "day")}
                    aria-pressed={each === day}
                    aria-current={each === rules.today ? "date" : undefined}
                    tabIndex={each === cursor ? 0 : -1}
                    onClick={() => onPick(each)}
                  >
                    {Number(each.slice(8))}
                  </button>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function TimeLine({
  time,
  onTime,
}: {
  time: string | null;
  onTime: (time: string | null) => void;
}) {
  return (
    <>
      <hr />
      <label class="menu-item">
        <Icon name="clock" />
        {t("date.time")}
        <input
          class="time-input end"
          type="time"
          value={time ?? ""}
          title={time ? formatTime(time) : undefined}
          onChange={(event) => onTime(event.currentTarget.value || null)}
        />
      </label>
    </>
  );
}
