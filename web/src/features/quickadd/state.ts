import { signal } from "@preact/signals";
import type { Place, TaskFields } from "../../replica/replica.ts";

/** What a new task gets unless the text says otherwise: the page on which it is added. */
export interface QuickAddDefaults {
  readonly day?: string;
  readonly categoryId?: string;
  readonly tagId?: string;
  readonly parent?: string;
  readonly place?: Place;
  /** Other fields: those of the column of a board. */
  readonly fields?: Partial<TaskFields>;
  /** The text that the field begins with: what another app shared. */
  readonly text?: string;
}

/** The defaults of the page that is shown. A page sets them when it is opened. */
export const pageDefaults = signal<QuickAddDefaults>({});

/** The quick add that is open above the page, with its defaults. */
export const openedQuickAdd = signal<QuickAddDefaults | null>(null);

/** Open quick add above the page. */
export function openQuickAdd(defaults: QuickAddDefaults = {}): void {
  openedQuickAdd.value = { ...pageDefaults.peek(), ...defaults };
}
