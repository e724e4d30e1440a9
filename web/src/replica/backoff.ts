/** Pauses between attempts: longer after each failure, and different for each client. */
import type { Random } from "./keys.ts";

const FIRST_MS = 1000;
const LONGEST_MS = 60_000;

/**
 * The pause after a number of failures in a row, in milliseconds.
 *
 * @param failures at least 1.
 * @param retryAfter seconds that the server asks to wait, or null.
 */
export function getPause(failures: number, retryAfter: number | null, random: Random): number {
  const longest = Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS);
  const pause = longest * (0.5 + random() / 2);
  return Math.max(pause, (retryAfter ?? 0) * 1000);
}
