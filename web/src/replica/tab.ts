/** What the parts of a replica share in one tab, and what tabs say to each other. */
import { type Signal, signal } from "@preact/signals";
import type { Http } from "../api/http.ts";
import type { Page } from "../api/sync.ts";
import type { Database, State } from "./disk.ts";
import type { Entry, Refused, Sending } from "./entry.ts";
import type { Random } from "./keys.ts";
import type { Memory } from "./memory.ts";
import type { Notice } from "./replica.ts";

/** Call a function later. Returns a function that cancels the call. */
export type SetTimer = (call: () => void, milliseconds: number) => () => void;

/** What the leading tab knows about the connection. */
export interface Connection {
  readonly online: boolean;
  readonly signedOut: boolean;
  /** The workspace was deleted, or the person is no longer a member. */
  readonly removed: boolean;
}

export type Message =
  | {
      readonly type: "page";
      readonly page: Page;
      /** The token before the page: another one in memory means that a page was missed. */
      readonly from: string | null;
      readonly state: State;
      readonly reset: boolean;
      readonly put: readonly Entry[];
      readonly dropped: readonly string[];
    }
  | {
      readonly type: "entries";
      readonly put: readonly Entry[];
      readonly dropped: readonly string[];
    }
  | { readonly type: "refused"; readonly refused: readonly Refused[] }
  | { readonly type: "notices"; readonly notices: readonly Notice[] }
  | { readonly type: "connection"; readonly connection: Connection }
  | { readonly type: "sync" }
  | { readonly type: "ask leader" }
  | { readonly type: "leader" }
  | { readonly type: "new leader" }
  | { readonly type: "wiped" };

export interface Tab {
  readonly database: Database;
  readonly memory: Memory;
  readonly http: Http;
  readonly workspace: string;
  readonly state: Signal<State>;
  readonly connection: Signal<Connection>;
  readonly notices: Signal<readonly Notice[]>;
  readonly now: () => number;
  readonly random: Random;
  readonly nextKey: () => string;
  readonly setTimer: SetTimer;
  /** Tell the other tabs. */
  readonly emit: (message: Message) => void;
  /** The number of this tab's lead; 0 while another tab leads. */
  epoch: number;
  /** The request that waits for an answer. */
  sending: Sending | null;
  /** What loads rows or applies those of other tabs runs one after the other. */
  loading: Promise<void>;
  /** Rows of the server are to be dropped before the next page is stored. */
  mustReset: boolean;
}

export const FIRST_CONNECTION: Connection = { online: true, signedOut: false, removed: false };

export function makeTab(
  parts: Omit<Tab, "connection" | "epoch" | "loading" | "mustReset" | "notices">,
): Tab {
  return {
    ...parts,
    connection: signal(FIRST_CONNECTION),
    notices: signal<readonly Notice[]>([]),
    epoch: 0,
    loading: Promise.resolve(),
    mustReset: false,
  };
}

/** Run after everything that loads rows, so that old stored rows never replace later ones. */
export function enqueue(tab: Tab, run: () => Promise<void> | void): Promise<void> {
  const result = tab.loading.then(run);
  // The caller gets the error. The next run starts in any case.
  tab.loading = result.catch(() => undefined);
  return result;
}

/** Set a part of what is known about the connection, here and in the other tabs. */
export function setConnection(tab: Tab, part: Partial<Connection>): void {
  const before = tab.connection.peek();
  const after = { ...before, ...part };
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  tab.connection.value = after;
  tab.emit({ type: "connection", connection: after });
}
