import { signal } from "@preact/signals";

/** The ids of the tasks of the list that is shown: the panel steps through them. */
export const shownOrder = signal<readonly string[]>([]);
