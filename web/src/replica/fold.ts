/** Folding: the rows that changed one by one are written into new blocks. */
import { countPatches, fold, type StoredRow } from "./disk.ts";
import type { Tab } from "./tab.ts";

/** Above this number, patches are folded into the blocks. */
export const MAX_PATCHES = 2000;

/**
 * Write new blocks if there are many patches. All rows must be in memory.
 *
 * @throws LostLeadError another tab leads now.
 */
export async function foldPatches(tab: Tab): Promise<void> {
  if (!tab.state.peek().ready || tab.mustReset) return;
  if ((await countPatches(tab.database)) <= MAX_PATCHES) return;
  const rows: StoredRow[] = [];
  for (const row of tab.memory.tasks.serverRows()) rows.push({ kind: "task", row });
  for (const occurrences of tab.memory.occurrences.values()) {
    for (const row of occurrences.values()) rows.push({ kind: "occurrence", row });
  }
  tab.state.value = await fold(tab.database, rows, tab.state.peek(), tab.epoch);
}
