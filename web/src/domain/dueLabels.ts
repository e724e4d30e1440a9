/** What the app shows of a due date: a code for the catalogue, and the values to fill in. */
import { countDays, type Day, getWeekday, type Weekday } from "./days.ts";
import { type Due, getDueDay, getDueTime, isOver, type Now } from "./due.ts";

/**
 * `weekday` is a day from two to six days after today. `date` is a day of this year, `date_year` of
 * another year.
 */
export type DayCode = "today" | "tomorrow" | "yesterday" | "weekday" | "date" | "date_year";

export interface DayLabel {
  readonly code: DayCode;
  readonly day: Day;
  readonly weekday: Weekday;
}

export interface DueLabel extends DayLabel {
  /** The time of day in the zone of the person, as `09:00`; null for a date. */
  readonly time: string | null;
  /** Whether the due date has passed. Only open tasks show it. */
  readonly isOver: boolean;
}

const WEEKDAY_DAYS = 6;

/** Return the label of a day. */
export function getDayLabel(day: Day, today: Day): DayLabel {
  return { code: getCode(day, today), day, weekday: getWeekday(day) };
}

/** Return the label of a due date for a person. */
export function getDueLabel(due: Due, now: Now): DueLabel {
  return {
    ...getDayLabel(getDueDay(due, now.zone), now.today),
    time: getDueTime(due, now.zone),
    isOver: isOver(due, now),
  };
}

function getCode(day: Day, today: Day): DayCode {
  const days = countDays(today, day);
  if (days === 0) return "today";
  if (days === 1) return "tomorrow";
  if (days === -1) return "yesterday";
  if (days > 0 && days <= WEEKDAY_DAYS) return "weekday";
  return day.slice(0, 4) === today.slice(0, 4) ? "date" : "date_year";
}
