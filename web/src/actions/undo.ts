/** Undo and redo of the changes that this tab made. */
import type { Replica } from "../replica/replica.ts";
import type { Done } from "./action.ts";

/** Undo what an action did, or else the latest. It works offline. */
export async function undo(replica: Replica, done?: Done): Promise<void> {
  await replica.undo(done?.group ?? undefined);
}

/** Do again what was undone last. */
export async function redo(replica: Replica): Promise<void> {
  await replica.redo();
}
