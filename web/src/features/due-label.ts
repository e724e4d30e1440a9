import type { Day } from "../domain/days.ts";
import { getDue, makeNow } from "../domain/due.ts";
import { type DayCode, getDayLabel, getDueLabel } from "../domain/dueLabels.ts";
import type { TaskRow } from "../domain/rows.ts";
import { formatDay, formatTime } from "../i18n/format.ts";
import { t } from "../i18n/translate.ts";
import type { App } from "./app.ts";

/** A due date in words. */
export interface DueText {
  readonly text: string;
  /** The time has passed: the one thing in a row that is colored. */
  readonly late: boolean;
}

const WORDS: Record<DayCode, (day: Day) => string> = {
  today: () => t("date.today"),
  tomorrow: () => t("date.tomorrow"),
  yesterday: () => t("date.yesterday"),
  weekday: (day) => formatDay(day, "short"),
  date: (day) => formatDay(day, "short"),
  date_year: (day) => formatDay(day, "year"),
};

/** A day in words: Today, Tomorrow, Yesterday, Mon 23 Nov, 3 Jan 2028. */
export function describeDay(day: Day, today: Day): string {
  return WORDS[getDayLabel(day, today).code](day);
}

/** A day with a time, if there is one: `Today, 09:00`. */
export function describeDayTime(day: Day, time: string | null, today: Day): string {
  const label = describeDay(day, today);
  return time === null ? label : t("date.withTime", { day: label, time: formatTime(time) });
}

/**
 * The due date of a task for a row.
 *
 * @param options `onlyTime`: on this day the time alone is enough. `timeOnly`: on all days from
 *   today on.
 * @returns null if there is nothing to show.
 */
export function describeDue(
  row: TaskRow,
  { replica, clock }: Pick<App, "replica" | "clock">,
  options: { onlyTime?: Day | undefined; timeOnly?: boolean | undefined } = {},
): DueText | null {
  const due = getDue(row);
  if (due === null) return null;
  const today = clock.today.value;
  const label = getDueLabel(due, makeNow(clock.now(), replica.person.time_zone));
  const isUnderDay = options.timeOnly === true && label.day >= today;
  if (label.day !== options.onlyTime && !isUnderDay) {
    return { text: describeDayTime(label.day, label.time, today), late: label.isOver };
  }
  return label.time === null ? null : { text: formatTime(label.time), late: label.isOver };
}
