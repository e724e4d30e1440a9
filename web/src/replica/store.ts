/** Storing what a person changed: on disk, in the memory of this tab and in the other tabs. */
import { dropRest } from "./disk.ts";
import { isQuotaError } from "./pull.ts";
import type { Tab } from "./tab.ts";
import { type PlannedEntry, storePlanned } from "./write.ts";

/**
 * Store entries that are already visible.
 *
 * @throws DOMException the storage is full: the entries are taken back.
 */
export async function storeInTab(tab: Tab, planned: readonly PlannedEntry[]): Promise<void> {
  const { memory } = tab;
  try {
    const { put, restored, missing } = await storeOrFree(tab, planned);
    memory.change(() => {
      memory.dropEntries(missing);
      memory.replaceEntries(restored);
      memory.putEntries(put);
    });
    tab.emit({ type: "entries", put, dropped: [] });
  } catch (error) {
    const joined = planned.flatMap((plan) => plan.joined ?? []);
    const kept = new Set(joined.map(({ key }) => key));
    memory.change(() => {
      memory.replaceEntries(joined);
      memory.dropEntries(planned.map(({ entry }) => entry.key).filter((key) => !kept.has(key)));
    });
    throw error;
  }
}

/** When the storage is full, the leading tab deletes the stored done tasks. */
async function storeOrFree(
  tab: Tab,
  planned: readonly PlannedEntry[],
): Promise<Awaited<ReturnType<typeof storePlanned>>> {
  try {
    return await storePlanned(tab.database, planned);
  } catch (error) {
    if (!isQuotaError(error) || tab.epoch === 0 || tab.state.peek().partial) throw error;
    tab.state.value = await dropRest(tab.database, tab.state.peek(), tab.epoch);
    return await storePlanned(tab.database, planned);
  }
}
