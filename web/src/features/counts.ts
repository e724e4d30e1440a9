import { computed, type ReadonlySignal } from "@preact/signals";
import type { App } from "./app.ts";
import { getRowDay } from "./due.ts";
import { listOpen } from "./rows.ts";

/** Numbers of open tasks, as the sidebar and the tab's title show them. */
export interface Counts {
  readonly inbox: number;
  /** Due today or before. */
  readonly today: number;
  readonly categories: ReadonlyMap<string, number>;
  readonly tags: ReadonlyMap<string, number>;
}

/** Count the open tasks in one pass, again after each change. */
export function countOpen({ replica, clock }: App): ReadonlySignal<Counts> {
  return computed(() => {
    const categories = new Map<string, number>();
    const tags = new Map<string, number>();
    let inbox = 0;
    let today = 0;
    const day = clock.today.value;
    const zone = replica.person.time_zone;
    for (const row of listOpen(replica)) {
      const due = getRowDay(row, zone);
      if (due !== null && due <= day) today += 1;
      if (row.category_id === null) inbox += 1;
      else increase(categories, row.category_id);
      for (const tag of row.tag_ids) increase(tags, tag);
    }
    return { inbox, today, categories, tags };
  });
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
