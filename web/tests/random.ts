/** A seeded generator for property tests: the same seed gives the same values on all machines. */

export interface Random {
  /** A number from 0 to below 1. */
  next(): number;
  /** An integer; both ends are included. */
  integer(low: number, high: number): number;
  /** One of the items. */
  choose<Item>(items: readonly Item[]): Item;
}

/** Return a generator (mulberry32). */
export function makeRandom(seed: number): Random {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    integer,
    choose: (items) => {
      const item = items[integer(0, items.length - 1)];
      if (item === undefined) throw new RangeError("There is no item to choose.");
      return item;
    },
  };
}
