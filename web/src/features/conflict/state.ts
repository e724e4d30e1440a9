import { signal } from "@preact/signals";
import type { Notice, Replica } from "../../replica/replica.ts";

/** Whether the changes that need the person are shown. */
export const conflictsOpen = signal(false);

/** The notices that a person can decide about: an order has no value to take back. */
export function listNotices(replica: Replica): Notice[] {
  return replica.notices.value.filter(({ field }) => field !== "position");
}
