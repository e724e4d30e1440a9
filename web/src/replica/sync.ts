/** The loop of the leading tab: send, fetch, listen, and wait after failures. */
import { readEvents } from "../api/events.ts";
import type { Http } from "../api/http.ts";
import { isTemporary, NetworkError, ProblemError } from "../api/problems.ts";
import { getMe } from "../api/session.ts";
import { getChanges } from "../api/sync.ts";
import { getPause } from "./backoff.ts";
import { LostLeadError } from "./disk.ts";
import { pull } from "./pull.ts";
import { MAX_OPERATIONS, pushOnce } from "./push.ts";
import { setConnection, type Tab } from "./tab.ts";

/** Events that arrive within this time cause one request. */
export const GATHER_MS = 50;
/** The server sends a sign of life every 15 seconds. */
const SILENCE_MS = 120_000;
const LONG_POLL_SECONDS = 60;
const LAG_MS = 1000;
const REQUESTS_PER_PULL = 10;

export interface SyncDeps {
  /** Whose changes are sent. */
  readonly personId: string;
  readonly onRemoved: () => void;
  readonly onLostLead: () => void;
  /** Called after each complete pull. */
  readonly onPulled: () => void;
}

/** The session is that of another person: nothing may be sent in their name. */
class OtherPersonError extends Error {
  override readonly name = "OtherPersonError";
}

export class Sync {
  readonly #tab: Tab;
  readonly #http: Http;
  readonly #deps: SyncDeps;
  readonly #stopped = new AbortController();
  #running: Promise<void> | null = null;
  #wanted = { push: false, pull: false };
  #limit = MAX_OPERATIONS;
  #failures = 0;
  #cancelTimer: (() => void) | null = null;
  #isListening = false;
  /** Whether the session is known to be that of the person. */
  #isVerified = false;

  constructor(tab: Tab, deps: SyncDeps) {
    this.#tab = tab;
    this.#http = tab.http;
    this.#deps = deps;
  }

  /** Send and fetch now, also after a failure and after the session has ended. */
  run(): void {
    this.#wanted = { push: true, pull: true };
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#start();
  }

  /** Send or fetch as soon as the server may be asked again. */
  want(wanted: { readonly push?: boolean; readonly pull?: boolean }): void {
    this.#wanted.push ||= wanted.push ?? false;
    this.#wanted.pull ||= wanted.pull ?? false;
    if (this.#cancelTimer === null && !this.#isHalted()) this.#start();
  }

  /** Run something while nothing is sent or fetched. */
  async runAlone(run: () => Promise<void>): Promise<void> {
    await this.settle();
    if (this.#stopped.signal.aborted) return;
    const result = run();
    this.#hold(result.catch(() => undefined));
    await result;
  }

  #start(): void {
    if (this.#running !== null || this.#stopped.signal.aborted) return;
    this.#hold(this.#work());
  }

  #hold(work: Promise<void>): void {
    this.#running = work.finally(() => {
      this.#running = null;
      if (this.#wanted.push || this.#wanted.pull) this.want({});
    });
  }

  /** Resolves when nothing is being sent or fetched. */
  async settle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  stop(): void {
    this.#stopped.abort();
    this.#cancelTimer?.();
  }

  #isHalted(): boolean {
    const { signedOut, removed } = this.#tab.connection.peek();
    return this.#stopped.signal.aborted || signedOut || removed;
  }

  async #work(): Promise<void> {
    try {
      await this.#exchange();
      this.#failures = 0;
      setConnection(this.#tab, { online: true, signedOut: false });
      void this.#listen();
    } catch (error) {
      await this.#fail(error);
    }
  }

  /** Compare the person of the session with that of the replica. */
  async #verify(): Promise<void> {
    const me = await getMe(this.#http);
    this.#isVerified = me.id === this.#deps.personId;
    if (!this.#isVerified) throw new OtherPersonError("The session is that of another person.");
  }

  /** Why a workspace is not found: perhaps the session is that of another person. */
  async #explain(error: unknown): Promise<unknown> {
    if (!isNotFound(error)) return error;
    try {
      await this.#verify();
      return error;
    } catch (reason) {
      return reason;
    }
  }

  async #exchange(): Promise<void> {
    const tab = this.#tab;
    if (!this.#isVerified) await this.#verify();
    // Merging needs all rows, so nothing is sent before the first walk is complete.
    if (!tab.state.peek().ready || tab.mustReset) {
      await this.#pull();
      this.#wanted.pull = false;
    }
    while (this.#wanted.push || this.#wanted.pull) {
      const { push } = this.#wanted;
      let needsPull = this.#wanted.pull;
      this.#wanted = { push: false, pull: false };
      if (push) needsPull = (await this.#push()) || needsPull;
      if (needsPull) await this.#pull();
    }
  }

  /** Send the outbox. Returns whether the rows must be fetched. */
  async #push(): Promise<boolean> {
    let needsPull = false;
    let wasBlocked = false;
    for (let request = 1; !this.#stopped.signal.aborted; request += 1) {
      const result = await pushOnce(this.#tab, this.#limit);
      this.#limit = result.limit;
      needsPull ||= result.worked;
      // Entries leave the outbox with a pull, so a long outbox needs some on the way.
      const isTime = request % REQUESTS_PER_PULL === 0;
      if (result.needsPull || result.isBlocked || isTime) await this.#pull();
      if (!result.worked && (wasBlocked || !result.isBlocked)) break;
      wasBlocked = !result.worked;
    }
    // The pull went to a server that lags behind the one that answered.
    if (wasBlocked) this.#tab.setTimer(() => this.want({ push: true }), LAG_MS);
    return needsPull;
  }

  async #pull(): Promise<void> {
    await pull(this.#tab, this.#stopped.signal);
    this.#deps.onPulled();
  }

  async #fail(failure: unknown): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    const error = await this.#explain(failure);
    if (this.#stopped.signal.aborted) return;
    if (error instanceof LostLeadError) {
      this.#deps.onLostLead();
    } else if (isSignedOut(error)) {
      this.#isVerified = false;
      // Nothing is sent until the person has signed in. Everything stays readable.
      setConnection(this.#tab, { signedOut: true });
    } else if (isNotFound(error)) {
      setConnection(this.#tab, { removed: true });
      this.#deps.onRemoved();
    } else {
      this.#failures += 1;
      if (error instanceof NetworkError) setConnection(this.#tab, { online: false });
      else if (!isTemporary(error)) console.error(error);
      const retryAfter = error instanceof ProblemError ? error.retryAfter : null;
      const pause = getPause(this.#failures, retryAfter, this.#tab.random);
      this.#cancelTimer = this.#tab.setTimer(() => this.run(), pause);
    }
  }

  /** Listen to the stream of events, one at a time, until it ends; then begin again. */
  async #listen(): Promise<void> {
    if (this.#isListening) return;
    this.#isListening = true;
    let failures = 0;
    while (!this.#isHalted()) {
      const opened = await this.#readStream();
      failures = opened ? 0 : failures + 1;
      if (this.#isHalted() || !this.#tab.connection.peek().online) break;
      // Where streams do not come through, long polling does.
      if (failures > 1 && !(await this.#longPoll())) break;
      await this.#sleep(getPause(1, null, this.#tab.random));
      this.want({ pull: true });
    }
    this.#isListening = false;
  }

  /** Returns whether anything arrived. */
  async #readStream(): Promise<boolean> {
    const tab = this.#tab;
    const silence = new AbortController();
    const signal = AbortSignal.any([this.#stopped.signal, silence.signal]);
    let cancelSilence = (): void => undefined;
    let cancelGather: (() => void) | null = null;
    let opened = false;
    const onPiece = (): void => {
      opened = true;
      cancelSilence();
      cancelSilence = tab.setTimer(() => silence.abort(), SILENCE_MS);
    };
    try {
      const after = tab.state.peek().revision;
      const options = { workspace: tab.workspace, after, signal, onPiece };
      let latest = 0;
      for await (const event of readEvents(this.#http, options)) {
        if (event.type === "") continue;
        latest =
          event.type === "reset" ? Number.POSITIVE_INFINITY : Math.max(latest, event.revision);
        // An event of a change that this tab made itself is often older than the replica.
        if (latest <= tab.state.peek().revision || cancelGather !== null) continue;
        cancelGather = tab.setTimer(() => {
          cancelGather = null;
          if (latest > tab.state.peek().revision) this.want({ pull: true });
          if (latest === Number.POSITIVE_INFINITY) latest = 0;
        }, GATHER_MS);
      }
    } catch (error) {
      if (error instanceof ProblemError && !isTemporary(error)) await this.#fail(error);
    } finally {
      cancelSilence();
    }
    return opened;
  }

  /** Wait for a change. Returns false if the server cannot be reached. */
  async #longPoll(): Promise<boolean> {
    try {
      const { workspace, state } = this.#tab;
      const options = { workspace, since: state.peek().token, signal: this.#stopped.signal };
      // The page is fetched again by the loop, which alone stores pages.
      await getChanges(this.#http, { ...options, wait: LONG_POLL_SECONDS });
      return true;
    } catch (error) {
      await this.#fail(error);
      return false;
    }
  }

  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#tab.setTimer(resolve, milliseconds);
    });
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof ProblemError && error.code === "not_found";
}

function isSignedOut(error: unknown): boolean {
  if (error instanceof OtherPersonError) return true;
  return error instanceof ProblemError && error.status === 401;
}
