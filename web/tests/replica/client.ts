/** Clients for tests: replicas with a fixed clock, seeded chance and timers that a test fires. */
import "fake-indexeddb/auto";
import { createHttp } from "../../src/api/http.ts";
import type { Person, TaskRow } from "../../src/domain/rows.ts";
import { type Channel, type OpenReplica, openReplica } from "../../src/replica/open.ts";
import type { TaskFields } from "../../src/replica/replica.ts";
import { makeRandom } from "../random.ts";
import { endOccurrence, type ModelServer } from "./server.ts";

export const WORKSPACE = { id: "w1", name: "Home", personal: true };
export const ADA: Person = {
  id: "u1",
  name: "Ada",
  email: "ada@example.com",
  time_zone: "Europe/Berlin",
  language: "en",
  date_order: "dmy",
  is_admin: false,
};

/** Timers that fire when the test says so. */
export class Timers {
  readonly #timers = new Map<number, { call: () => void; milliseconds: number }>();
  #next = 1;

  readonly set = (call: () => void, milliseconds: number): (() => void) => {
    const id = this.#next++;
    this.#timers.set(id, { call, milliseconds });
    return () => this.#timers.delete(id);
  };

  /** Fire the timers of up to this many milliseconds that are set now. */
  fire(milliseconds: number): void {
    for (const [id, timer] of [...this.#timers]) {
      if (timer.milliseconds > milliseconds || !this.#timers.delete(id)) continue;
      timer.call();
    }
  }

  list(): number[] {
    return [...this.#timers.values()].map((timer) => timer.milliseconds);
  }
}

/** Channels between the tabs of one browser: messages are copied and arrive later, in order. */
export class Channels {
  readonly #open = new Set<TestChannel>();
  readonly #state = { isFrozen: false };

  /** From now on, no message arrives. */
  freeze(): void {
    this.#state.isFrozen = true;
  }

  thaw(): void {
    this.#state.isFrozen = false;
  }

  readonly open = (name: string): Channel => {
    const channel = new TestChannel(name, this.#open, this.#state);
    this.#open.add(channel);
    return channel;
  };
}

class TestChannel implements Channel {
  onmessage: ((event: MessageEvent) => void) | null = null;
  readonly name: string;
  readonly #all: Set<TestChannel>;

  readonly #state: { readonly isFrozen: boolean };

  constructor(name: string, all: Set<TestChannel>, state: { readonly isFrozen: boolean }) {
    this.name = name;
    this.#all = all;
    this.#state = state;
  }
  postMessage(message: unknown): void {
    if (!this.#all.has(this) || this.#state.isFrozen) return;
    const data = structuredClone(message);
    for (const other of this.#all) {
      if (other === this || other.name !== this.name) continue;
      queueMicrotask(() => {
        if (this.#all.has(other)) other.onmessage?.({ data } as MessageEvent);
      });
    }
  }
  close(): void {
    this.#all.delete(this);
  }
}

/** Web Locks, as far as replicas use them: exclusive, with waiting and stealing. */
class Locks {
  #holder: { lose: (error: Error) => void } | null = null;
  readonly #waiting: (() => void)[] = [];

  readonly request = async (
    _name: string,
    options: LockOptions,
    run: () => Promise<void>,
  ): Promise<void> => {
    if (options.steal) this.#holder?.lose(new DOMException("stolen", "AbortError"));
    else await this.#wait(options.signal);
    const lost = new Promise<never>((_, reject) => {
      this.#holder = { lose: reject };
    });
    const holder = this.#holder;
    try {
      await Promise.race([run(), lost]);
    } finally {
      if (this.#holder === holder) {
        this.#holder = null;
        this.#waiting.shift()?.();
      }
    }
  };

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    while (this.#holder !== null) {
      await new Promise<void>((resolve, reject) => {
        this.#waiting.push(resolve);
        signal?.addEventListener("abort", () => reject(signal.reason));
      });
    }
  }
}

let databases = 0;

/** A browser: one database, tabs that share it. */
export class Browser {
  readonly server: ModelServer;
  readonly timers = new Timers();
  readonly channels = new Channels();
  readonly name: string;
  readonly random: () => number;
  now = Date.UTC(2026, 10, 27, 9);
  visible = true;
  readonly locks: LockManager | null;

  /** @param options.locks false: as over plain HTTP. */
  constructor(server: ModelServer, options: { seed?: number; locks?: boolean } = {}) {
    this.server = server;
    this.random = makeRandom(options.seed ?? 1).next;
    this.locks = options.locks === false ? null : (new Locks() as unknown as LockManager);
    databases += 1;
    this.name = `test-${databases}`;
  }

  /** Open a tab. */
  async open(): Promise<OpenReplica> {
    const deps = {
      http: createHttp(this.server.fetch),
      now: () => this.now,
      random: this.random,
      setTimer: this.timers.set,
      whenIdle: (call: () => void) => void setImmediate(call),
      locks: this.locks,
      openChannel: this.channels.open,
      isVisible: () => this.visible,
      getDay: (task: { due_date: string | null }) => task.due_date?.slice(0, 10) ?? "none",
      endOccurrence: (task: TaskRow) => new Map([[task.id, endOccurrence(task)]]),
      databaseName: this.name,
    };
    return await openReplica(deps, ADA, WORKSPACE);
  }

  /** Open a tab and wait until it leads and has everything. */
  async openSynced(): Promise<OpenReplica> {
    const replica = await this.open();
    await until(() => replica.status.peek().phase === "ready");
    await settle(replica);
    return replica;
  }
}

/** Write a task with a title. */
export async function addTask(replica: OpenReplica, id: string, title = id): Promise<string> {
  return await replica.write([{ kind: "task", action: "create", id, set: { title } }]);
}

/** Set fields of a task. */
export async function setFields(
  replica: OpenReplica,
  id: string,
  set: Partial<TaskFields>,
): Promise<string> {
  return await replica.write([{ kind: "task", action: "update", id, set }]);
}

/** Wait until a condition holds, without the clock. */
export async function until(condition: () => boolean, turns = 5000): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    if (condition()) return;
    await nextTurn();
  }
  throw new Error(`The condition never held: ${condition}`);
}

/** Let everything that is ready run. */
export async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Wait until a tab has sent and fetched everything that it can. */
export async function settle(replica: OpenReplica): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await replica.settle();
    await nextTurn();
  }
}
