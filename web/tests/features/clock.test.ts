import { expect, it } from "vitest";
import { startClock } from "../../src/features/clock.ts";

/** Timers that tests move on by hand. */
function makeTimers(start: string) {
  let now = Date.parse(start);
  let waiting: { at: number; run: () => void } | null = null;
  return {
    now: () => now,
    after: (ms: number, run: () => void) => {
      waiting = { at: now + ms, run };
      return () => {
        waiting = null;
      };
    },
    /** Run all timers up to a time. */
    moveTo: (time: string) => {
      const end = Date.parse(time);
      while (waiting && waiting.at <= end) {
        const { at, run } = waiting;
        now = at;
        run();
      }
      now = end;
    },
  };
}

it("knows the day in the person's zone", () => {
  const clock = startClock("Europe/Berlin", makeTimers("2026-11-26T23:30:00Z"));
  expect(clock.today.value).toBe("2026-11-27");
});

it("changes the day at midnight", () => {
  const timers = makeTimers("2026-11-26T10:00:00Z");
  const clock = startClock("Europe/Berlin", timers);
  timers.moveTo("2026-11-26T23:00:00Z");
  expect(clock.today.value).toBe("2026-11-27");
});

it("keeps the day until midnight", () => {
  const timers = makeTimers("2026-11-26T10:00:00Z");
  const clock = startClock("Europe/Berlin", timers);
  timers.moveTo("2026-11-26T22:59:59Z");
  expect(clock.today.value).toBe("2026-11-26");
});

it("reads the clock again after the machine has slept", () => {
  let now = Date.parse("2026-11-26T10:00:00Z");
  const clock = startClock("Europe/Berlin", { now: () => now, after: () => () => {} });
  now = Date.parse("2026-11-28T10:00:00Z");
  clock.refresh();
  expect(clock.today.value).toBe("2026-11-28");
});
