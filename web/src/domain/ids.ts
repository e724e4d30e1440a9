/**
 * Ids that the app creates: UUIDv7 (RFC 9562, section 5.7), in lower case.
 *
 * `crypto.getRandomValues` also works on plain HTTP, where `crypto.randomUUID` does not exist.
 */

/** Returns the current time in milliseconds since 1970-01-01T00:00:00Z, such as `Date.now`. */
export type Clock = () => number;

const COUNTER_VALUES = 4096;
/** 48 bits. */
const MAX_MS = 2 ** 48 - 1;

/**
 * Return a function that creates ids.
 *
 * The 12 bits after the milliseconds are a counter (method 1 of section 6.2). So the ids of one
 * function are strictly increasing, even within a millisecond or when the clock steps back.
 */
export function makeIdSource(clock: Clock): () => string {
  let milliseconds = 0;
  let counter = 0;
  return () => {
    const now = Math.min(Math.max(Math.floor(clock()), 0), MAX_MS);
    if (now > milliseconds) {
      milliseconds = now;
      counter = 0;
    } else if (++counter === COUNTER_VALUES) {
      // An overflow of the counter increments the milliseconds, which RFC 9562 allows.
      milliseconds += 1;
      counter = 0;
    }
    return writeId(milliseconds, counter, crypto.getRandomValues(new Uint8Array(8)));
  };
}

/** Return whether the text is an id in the form that the server returns. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

function writeId(milliseconds: number, counter: number, random: Uint8Array): string {
  const time = milliseconds.toString(16).padStart(12, "0");
  const digits = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
  // The two highest bits of the variant are 10.
  const variant = "89ab".charAt(Number.parseInt(digits.charAt(0), 16) & 3);
  const middle = `7${counter.toString(16).padStart(3, "0")}-${variant}${digits.slice(1, 4)}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-${middle}-${digits.slice(4)}`;
}
