import { signal } from "@preact/signals";

/** Counts the requests for the focus, so that `/` on the search page returns to its field. */
export const focusRequests = signal(0);

/** Put the focus into the field of the search page, which may not be shown yet. */
export function focusSearch(): void {
  focusRequests.value += 1;
}
