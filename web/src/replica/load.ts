/** Loading the stored replica into memory. */
import {
  type Database,
  FIRST_STATE,
  readBlocks,
  readStored,
  SHAPE,
  type Stored,
  type StoredRow,
} from "./disk.ts";
import type { Memory } from "./memory.ts";
import { enqueue, type Tab } from "./tab.ts";

/** Load what the first page needs: open tasks, lists and the outbox. Call {@link loadRest} later. */
export function loadOpen(tab: Tab): Promise<void> {
  return enqueue(tab, () => readOpen(tab));
}

/** Load done tasks, trashed tasks and past occurrences. */
export function loadRest(tab: Tab): Promise<void> {
  return enqueue(tab, () => readRest(tab));
}

/** Read everything again, after this tab has missed messages of others. */
export function reload(tab: Tab): Promise<void> {
  return enqueue(tab, async () => {
    const before = tab.state.peek().token;
    const stored = await tab.database.get("meta", "state");
    const token = (stored as { token?: string | null } | undefined)?.token ?? null;
    if (token === before) await readEntries(tab);
    else {
      tab.memory.change(() => tab.memory.clearServer());
      await readOpen(tab);
      await readRest(tab);
    }
  });
}

/** Read entries that another tab stored but did not announce, for example because it crashed. */
export function loadEntries(tab: Tab): Promise<void> {
  return enqueue(tab, async () => {
    const entries = await tab.database.getAll("outbox");
    tab.memory.change(() => tab.memory.putEntries(entries));
  });
}

/** Read the outbox, and what else is stored beside the rows. */
async function readEntries(tab: Tab): Promise<Stored> {
  const { database, memory } = tab;
  const known = [...memory.entries.keys()];
  const stored = await readStored(database);
  tab.sending = stored.sending;
  const onDisk = new Set(stored.entries.map(({ key }) => key));
  memory.change(() => {
    memory.putEntries(stored.entries);
    memory.dropEntries(known.filter((key) => !onDisk.has(key)));
    memory.refused.value = stored.refused;
  });
  return stored;
}

async function readOpen(tab: Tab): Promise<void> {
  const { database, memory } = tab;
  const stored = await readEntries(tab);
  const isOld = stored.state.shape !== SHAPE;
  if (isOld || stored.state.partial) tab.mustReset = true;
  tab.state.value = isOld ? FIRST_STATE : stored.state;
  if (isOld) return;
  const { lists } = stored;
  if (lists !== null) memory.change(() => memory.setLists(lists));
  await loadPart(database, memory, "open");
  memory.change(() => {
    for (const [id, patch] of stored.patches) {
      if (patch === null) memory.tasks.setServer(id, undefined);
      else addRow(memory, patch);
    }
  });
}

async function readRest(tab: Tab): Promise<void> {
  const { database, memory } = tab;
  const patches = await database.getAllKeys("patches");
  // Rows that were deleted for good since the block was written.
  const patched = new Set(patches);
  await loadPart(database, memory, "rest", patched);
}

async function loadPart(
  database: Database,
  memory: Memory,
  part: "open" | "rest",
  patched: ReadonlySet<string> = new Set(),
): Promise<void> {
  for await (const rows of readBlocks(database, part)) {
    memory.change(() => {
      for (const stored of rows) if (!patched.has(stored.row.id)) addRow(memory, stored);
    });
  }
}

/** Add a stored row, unless a later version is known. */
function addRow(memory: Memory, stored: StoredRow): void {
  if (stored.kind === "occurrence") memory.setOccurrence(stored.row);
  else {
    const known = memory.tasks.getServer(stored.row.id);
    if (known === undefined || known.revision < stored.row.revision) {
      memory.tasks.setServer(stored.row.id, stored.row);
    }
  }
}
