/** The replica's view of the browser: clock, timers, locks and channels. */
import type { Http } from "../api/http.ts";
import { completeTask, skipTask } from "../domain/complete.ts";
import { getDue, getDueDay } from "../domain/due.ts";
import { makeIdSource } from "../domain/ids.ts";
import type { Person, TaskRow } from "../domain/rows.ts";
import type { EndOccurrence } from "./effects.ts";
import { type OpenReplica, openReplica, type ReplicaDeps } from "./open.ts";
import type { WorkspaceInfo } from "./view.ts";

/** The longest wait for a quiet moment, in milliseconds. */
const IDLE_TIMEOUT_MS = 1000;
/** After this many changes, the browser is asked to keep the data. */
const CHANGES_BEFORE_PERSIST = 5;

/** The parts of the browser that a replica uses. */
export function makeBrowserDeps(http: Http, person: Person): ReplicaDeps {
  return {
    http,
    now: Date.now,
    random: Math.random,
    setTimer(call, milliseconds) {
      const timer = setTimeout(call, milliseconds);
      return () => clearTimeout(timer);
    },
    whenIdle(call) {
      // Safari has no idle callbacks.
      if (typeof requestIdleCallback === "undefined") setTimeout(call, 200);
      else requestIdleCallback(call, { timeout: IDLE_TIMEOUT_MS });
    },
    locks: typeof navigator.locks === "undefined" ? null : navigator.locks,
    openChannel: (name) => new BroadcastChannel(name),
    isVisible: () => document.visibilityState === "visible",
    getDay: (task) => getDay(task, person.time_zone),
    endOccurrence: makeEndOccurrence(person, makeIdSource(Date.now)),
  };
}

/**
 * Open the replica of the person and a workspace in this tab.
 *
 * It syncs when the window gets the focus or the network comes back, and loads what it has missed
 * after the browser has restored the page from its cache.
 */
export async function openBrowserReplica(
  http: Http,
  person: Person,
  workspace: WorkspaceInfo,
): Promise<OpenReplica> {
  const replica = await openReplica(makeBrowserDeps(http, person), person, workspace);
  persistLater(replica);
  const sync = (): void => replica.sync();
  window.addEventListener("online", sync);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) void replica.catchUp();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") sync();
  });
  return replica;
}

/** Some browsers ask the person, so it happens only for somebody who works with the app. */
function persistLater(replica: OpenReplica): void {
  // Not available on plain HTTP.
  const storage: StorageManager | undefined = navigator.storage;
  if (storage?.persist === undefined) return;
  let changes = 0;
  const stop = replica.tab.memory.unsent.subscribe((unsent) => {
    if (unsent > 0) changes += 1;
    if (changes <= CHANGES_BEFORE_PERSIST) return;
    queueMicrotask(() => stop());
    void storage.persist();
  });
}

function getDay(task: TaskRow, zone: string): string {
  const due = getDue(task);
  return due === null ? "none" : getDueDay(due, zone);
}

/** The rules of a completion, for a person. The rows of occurrences come from the server. */
export function makeEndOccurrence(person: Person, makeId: () => string): EndOccurrence {
  return (task, action, subtasks, { at, listChildren }) => {
    const context = { at, zone: person.time_zone, personId: person.id, listChildren, makeId };
    const result =
      action === "skip" ? skipTask(task, context) : completeTask(task, subtasks, context);
    return result.completion?.tasks ?? null;
  };
}
