import { signal } from "@preact/signals";
import type { Weekday } from "../domain/days.ts";

/** The first day of the week in calendars: 0 is Monday. It becomes a setting of the person. */
export const firstWeekday = signal<Weekday>(0);
