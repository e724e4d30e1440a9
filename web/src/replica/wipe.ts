/** Deleting the data on this device. */
import { deleteDB } from "idb";
import { nameDatabase } from "./disk.ts";

/** Delete one database. Other tabs that have it open close it. */
export async function wipeDatabase(name: string): Promise<void> {
  await deleteDB(name);
}

/** Delete the databases of all users and workspaces, or of all users but one. */
export async function wipeDevice(keepUser: string | null = null): Promise<void> {
  const kept = keepUser === null ? null : nameDatabase(keepUser, "");
  for (const { name } of await indexedDB.databases()) {
    if (name === undefined || !name.startsWith("taskstead:")) continue;
    if (kept === null || !name.startsWith(kept)) await wipeDatabase(name);
  }
}
