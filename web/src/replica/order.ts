/** Places in the manual order, until the server has sent the real key of a moved task. */
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A key between two keys that are compared as bytes. Null: no bound on that side. */
export function makeKeyBetween(before: string | null, after: string | null): string {
  return makeMiddle(before ?? "", after);
}

function makeMiddle(low: string, high: string | null): string {
  let same = 0;
  while (high !== null && same < high.length && (low[same] ?? "0") === high[same]) same += 1;
  if (high !== null && same > 0) {
    return high.slice(0, same) + makeMiddle(low.slice(same), high.slice(same));
  }
  const first = low === "" ? 0 : DIGITS.indexOf(low.charAt(0));
  const last = high === null || high === "" ? DIGITS.length : DIGITS.indexOf(high.charAt(0));
  if (last - first > 1) return DIGITS.charAt((first + last) >> 1);
  if (high !== null && high.length > 1) return high.charAt(0);
  return DIGITS.charAt(first) + makeMiddle(low.slice(1), null);
}
