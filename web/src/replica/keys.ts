/** The ids of new objects, entries and requests: UUIDv7s in increasing order. */
import { type Clock, makeIdSource } from "../domain/ids.ts";

/** A number from 0 (included) to 1 (excluded), as `Math.random`. */
export type Random = () => number;

export interface KeySource {
  /** An id that is greater than all that were returned or followed. */
  readonly next: () => string;
  /** Continue after an id of another tab, or of an earlier session whose clock was ahead. */
  readonly follow: (id: string) => void;
}

/** Make a source of ids. The order of the entries of the outbox depends on it. */
export function makeKeySource(clock: Clock): KeySource {
  let least = 0;
  return {
    next: makeIdSource(() => Math.max(clock(), least)),
    follow(id) {
      const time = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
      least = Math.max(least, time + 1);
    },
  };
}
