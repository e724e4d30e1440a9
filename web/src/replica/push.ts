/** Sending the outbox: one request at a time, in order, each stored before it is sent. */
import { isTemporary, ProblemError } from "../api/problems.ts";
import { checkLead } from "./disk.ts";
import type { Entry, Refused, Sending } from "./entry.ts";
import { planRequest } from "./request.ts";
import { type RequestAnswer, settleRequest } from "./settle.ts";
import type { Tab } from "./tab.ts";

/** Operations per request. */
export const MAX_OPERATIONS = 100;

export interface PushResult {
  /** Something was sent or left out, so there may be more. */
  readonly worked: boolean;
  readonly needsPull: boolean;
  /** The next entry must wait for a pull. */
  readonly isBlocked: boolean;
  /** The limit of operations for the next request. */
  readonly limit: number;
}

/**
 * Send the request that waits for an answer, or the next one.
 *
 * @throws ProblemError the server refuses every request (401), or asks to try again later.
 * @throws NetworkError there is no answer. The same request is sent the next time.
 * @throws LostLeadError another tab leads now.
 */
export async function pushOnce(tab: Tab, limit: number): Promise<PushResult> {
  if (tab.sending === null) {
    const prepared = await prepare(tab, limit);
    if (tab.sending === null) return { ...prepared, needsPull: false, limit };
  }
  const sending: Sending = tab.sending;
  const answer = await exchange(tab, sending);
  const settlement = settleRequest(tab.memory, sending, answer);
  await store(tab, { ...settlement, sending: null });
  const usual = Math.min(limit * 2, MAX_OPERATIONS);
  const { needsPull } = settlement;
  return { worked: true, isBlocked: false, needsPull, limit: settlement.limit ?? usual };
}

/** Plan the next request and store it. */
async function prepare(tab: Tab, limit: number): Promise<Pick<PushResult, "isBlocked" | "worked">> {
  const plan = planRequest(tab.memory, limit, tab.nextKey());
  const { changed, dropped, refused, sending, isBlocked } = plan;
  const worked = changed.length + dropped.length + refused.length > 0;
  if (!worked) return { worked, isBlocked };
  await store(tab, { changed, dropped, refused, sending });
  if (plan.notices.length > 0) {
    tab.notices.value = [...tab.notices.peek(), ...plan.notices];
    tab.emit({ type: "notices", notices: plan.notices });
  }
  return { worked, isBlocked };
}

async function exchange(tab: Tab, sending: Sending): Promise<RequestAnswer> {
  try {
    const answer = await tab.http.send<unknown>(sending.method, sending.path, {
      ...(sending.text !== null && { text: sending.text }),
      ifRevision: sending.ifRevision ?? undefined,
      idempotencyKey: sending.key,
      workspace: tab.workspace,
    });
    return { body: answer.body, revision: readRevision(answer.headers), problem: null };
  } catch (error) {
    if (!(error instanceof ProblemError) || isTemporary(error)) throw error;
    if (isForAll(error, sending)) throw error;
    return { body: undefined, revision: null, problem: error };
  }
}

function readRevision(headers: Headers): number | null {
  const text = headers.get("Taskstead-Revision");
  return text === null ? null : Number(text);
}

/** Errors that say nothing about the entries: the session ended, or the request was not accepted. */
function isForAll(error: ProblemError, sending: Sending): boolean {
  // The workspace is not found.
  if (error.status === 404 && sending.path.endsWith("/bulk")) return true;
  if (error.status === 403) return !error.code.startsWith("insufficient_");
  return error.status === 401 || error.status === 421;
}

interface Update {
  readonly changed: readonly Entry[];
  readonly dropped: readonly string[];
  readonly refused: readonly Refused[];
  readonly sending: Sending | null;
}

/**
 * Store an update of the outbox in one transaction, then in memory and in the other tabs. It must be
 * called directly after the update was made from the entries in memory.
 */
async function store(tab: Tab, update: Update): Promise<void> {
  // The versions that the update was made from, before this tab or another one changes them.
  const removed = [...update.dropped, ...update.refused.map(({ entry }) => entry.key)];
  const keys = [...removed, ...update.changed.map(({ key }) => key)];
  const known = new Map(keys.map((key) => [key, tab.memory.entries.get(key)?.edit]));
  const transaction = tab.database.transaction(["outbox", "refused", "meta"], "readwrite");
  await checkLead(transaction, tab.epoch);
  const outbox = transaction.objectStore("outbox");
  const put: Entry[] = [];
  const stale: Entry[] = [];
  for (const key of removed) {
    const stored = await outbox.get(key);
    if (stored !== undefined && stored.edit !== known.get(key)) stale.push(stored);
  }
  for (const entry of update.changed) {
    const stored = await outbox.get(entry.key);
    if (stored === undefined || stored.edit === known.get(entry.key)) put.push(entry);
    else if (entry.state === "waiting") {
      // Another tab has joined a change to it.
      const { ifRevision } = entry;
      put.push({ ...stored, ifRevision, edit: Math.max(stored.edit, entry.edit) + 1 });
    } else stale.push(stored);
  }
  if (stale.length > 0) {
    transaction.done.catch(() => undefined);
    transaction.abort();
    // The plan is made again with what another tab has stored.
    tab.memory.change(() => tab.memory.putEntries(stale));
    return;
  }
  for (const entry of put) void outbox.put(entry);
  for (const key of update.dropped) void outbox.delete(key);
  for (const refused of update.refused) void transaction.objectStore("refused").put(refused);
  void transaction.objectStore("meta").put(update.sending, "sending");
  await transaction.done;
  tab.sending = update.sending;
  const { memory } = tab;
  memory.change(() => {
    memory.putEntries(put);
    memory.dropEntries(update.dropped);
    if (update.refused.length > 0) {
      memory.refused.value = [...memory.refused.peek(), ...update.refused];
    }
  });
  tab.emit({ type: "entries", put, dropped: update.dropped });
  if (update.refused.length > 0) tab.emit({ type: "refused", refused: memory.refused.peek() });
}
