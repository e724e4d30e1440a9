/** UUIDs of version 7 (RFC 9562), in increasing order. */

/** A number from 0 (included) to 1 (excluded), as `Math.random`. */
export type Random = () => number;

const MAX_COUNTER = 0xfff;

/**
 * Make a function that returns UUIDv7s, each greater than all that it returned or was told of.
 *
 * @param now milliseconds since 1970.
 */
export function makeIdSource(now: () => number, random: Random) {
  let last = 0;
  let counter = 0;
  return {
    next(): string {
      const time = now();
      if (time > last) {
        last = time;
        counter = 0;
      } else if (counter < MAX_COUNTER) counter += 1;
      else {
        last += 1;
        counter = 0;
      }
      return formatId(last, counter, random);
    },
    /** Continue after an id of another source, such as another tab whose clock was ahead. */
    follow(id: string): void {
      const time = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
      const count = Number.parseInt(id.slice(15, 18), 16);
      if (time < last || (time === last && count <= counter)) return;
      last = time;
      counter = count;
    },
  };
}

export type IdSource = ReturnType<typeof makeIdSource>;

function formatId(time: number, counter: number, random: Random): string {
  const head = time.toString(16).padStart(12, "0");
  const count = counter.toString(16).padStart(3, "0");
  const rest = Array.from({ length: 15 }, () => Math.floor(random() * 16).toString(16)).join("");
  const variant = (8 + Math.floor(random() * 4)).toString(16);
  return `${head.slice(0, 8)}-${head.slice(8)}-7${count}-${variant}${rest.slice(0, 3)}-${rest.slice(3)}`;
}
