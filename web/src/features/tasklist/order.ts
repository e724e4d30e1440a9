import { signal } from "@preact/signals";
import type { ListContext } from "./commands.ts";

/** The ids of the tasks of the list that is shown: the panel steps through them. */
export const shownOrder = signal<readonly string[]>([]);

/** The list that is shown, so that the palette can run its commands; null if there is none. */
export const shownList = signal<ListContext | null>(null);
