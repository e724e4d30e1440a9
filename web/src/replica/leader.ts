/**
 * Which tab leads: only it fetches and sends. A Web Lock decides, or a lease in IndexedDB where
 * there are no locks (plain HTTP). Each lead has a number, which all its transactions check.
 */
import type { Database, Lease } from "./disk.ts";
import type { SetTimer } from "./tab.ts";

/** A visible tab that gets no answer in this time takes the lead. */
export const ANSWER_MS = 1000;
const LEASE_MS = 15_000;
const RENEW_MS = 5_000;

export interface LeaderDeps {
  readonly database: Database;
  /** The name of the lock, the same in all tabs. */
  readonly name: string;
  /** The name of this tab. */
  readonly owner: string;
  readonly locks: LockManager | null;
  readonly now: () => number;
  readonly setTimer: SetTimer;
  readonly isVisible: () => boolean;
  /** Ask the other tabs whether one of them leads. */
  readonly ask: () => void;
  readonly onGain: (epoch: number) => void;
  readonly onLoss: () => void;
}

export class Leader {
  readonly #deps: LeaderDeps;
  readonly #stopped = new AbortController();
  #epoch = 0;
  #release: (() => void) | null = null;
  #cancelRenewal: (() => void) | null = null;
  #cancelSteal: (() => void) | null = null;

  constructor(deps: LeaderDeps) {
    this.#deps = deps;
  }

  /** The number of the present lead; 0 while another tab leads. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Become the leader as soon as no other tab is. */
  start(): void {
    if (this.#deps.locks === null) void this.#tryLease(false);
    else void this.#queue(this.#deps.locks, false);
    this.check();
  }

  /** Make sure that some tab leads: take the lead if none answers. */
  check(): void {
    if (this.#epoch !== 0 || this.#cancelSteal !== null || this.#stopped.signal.aborted) return;
    this.#deps.ask();
    this.#cancelSteal = this.#deps.setTimer(() => {
      this.#cancelSteal = null;
      if (this.#epoch !== 0 || this.#stopped.signal.aborted || !this.#deps.isVisible()) return;
      if (this.#deps.locks === null) void this.#tryLease(true);
      else void this.#queue(this.#deps.locks, true);
    }, ANSWER_MS);
  }

  /** The leading tab has answered. */
  hear(): void {
    this.#cancelSteal?.();
    this.#cancelSteal = null;
  }

  /** Another tab has taken the lead. */
  lose(): void {
    if (this.#epoch === 0) return;
    this.#end();
    if (this.#deps.locks === null) this.#renewLater();
  }

  /** Give up the lead for ever. */
  stop(): void {
    this.#stopped.abort();
    this.hear();
    this.#end();
  }

  #end(): void {
    const led = this.#epoch !== 0;
    this.#epoch = 0;
    this.#cancelRenewal?.();
    this.#release?.();
    this.#release = null;
    if (led) this.#deps.onLoss();
  }

  async #queue(locks: LockManager, steal: boolean): Promise<void> {
    const options: LockOptions = steal ? { steal } : { signal: this.#stopped.signal };
    let isStolen = false;
    try {
      await locks.request(this.#deps.name, options, async () => {
        if (this.#stopped.signal.aborted) return;
        const epoch = await this.#claim(true);
        if (epoch === null || isStolen || this.#stopped.signal.aborted) return;
        const held = new Promise<void>((release) => {
          this.#release = release;
        });
        this.#gain(epoch);
        await held;
      });
    } catch {
      // Another tab has stolen the lock, or this one was stopped.
      isStolen = true;
      this.#end();
    }
    if (!this.#stopped.signal.aborted && this.#epoch === 0) void this.#queue(locks, false);
  }

  async #tryLease(steal: boolean): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    const epoch = await this.#claim(steal);
    if (this.#stopped.signal.aborted) return;
    if (epoch === null) this.#end();
    else if (this.#epoch === 0) this.#gain(epoch);
    this.#renewLater();
  }

  #renewLater(): void {
    this.#cancelRenewal?.();
    this.#cancelRenewal = this.#deps.setTimer(() => void this.#tryLease(false), RENEW_MS);
  }

  #gain(epoch: number): void {
    this.hear();
    this.#epoch = epoch;
    this.#deps.onGain(epoch);
  }

  /** Take or renew the lease. Null if another tab has it. */
  async #claim(steal: boolean): Promise<number | null> {
    const { database, owner, now } = this.#deps;
    try {
      const transaction = database.transaction("meta", "readwrite");
      const lease = (await transaction.store.get("lease")) as Lease | undefined;
      const isOwn = this.#epoch !== 0 && lease?.owner === owner && lease.epoch === this.#epoch;
      if (!steal && !isOwn && lease !== undefined && lease.until > now()) {
        await transaction.done;
        return null;
      }
      const epoch = isOwn ? lease.epoch : (lease?.epoch ?? 0) + 1;
      await transaction.store.put({ epoch, owner, until: now() + LEASE_MS }, "lease");
      await transaction.done;
      return epoch;
    } catch {
      // The database is being closed or deleted.
      return null;
    }
  }
}
