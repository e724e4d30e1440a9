import { type ReadonlySignal, signal } from "@preact/signals";
import { addDays, type Day } from "../domain/days.ts";
import { getDay, getDayStart } from "../domain/zones.ts";

/** What the clock uses of its surroundings. Tests pass their own. */
export interface Timers {
  /** Milliseconds since 1970. */
  now: () => number;
  /** Calls back after some milliseconds; returns a function that cancels it. */
  after: (ms: number, run: () => void) => () => void;
}

export interface Clock {
  now: () => number;
  /** The day in the person's time zone. Changes at midnight. */
  today: ReadonlySignal<Day>;
  /** Read the clock again, for example after the machine has slept. */
  refresh: () => void;
  stop: () => void;
}

/** The longest wait of one timer. After it, the clock is read again, because it may have been set. */
const LONGEST_WAIT_MS = 60 * 60 * 1000;

/** A clock for a time zone. */
export function startClock(zone: string, timers: Timers): Clock {
  const today = signal(getDay(timers.now(), zone));
  let cancel = () => {};
  const refresh = () => {
    cancel();
    today.value = getDay(timers.now(), zone);
    const left = getDayStart(addDays(today.value, 1), zone) - timers.now();
    cancel = timers.after(Math.min(Math.max(left, 0), LONGEST_WAIT_MS), refresh);
  };
  refresh();
  return { now: timers.now, today, refresh, stop: () => cancel() };
}

/** The clock and the timers of the browser. */
export const BROWSER_TIMERS: Timers = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
