/** Opening the replica of a workspace: the parts of one tab put together. */
import { type Signal, signal } from "@preact/signals";
import type { Http } from "../api/http.ts";
import type { Person, TaskRow } from "../domain/rows.ts";
import { type Database, FIRST_STATE, LostLeadError, nameDatabase, openDatabase } from "./disk.ts";
import type { EndOccurrence } from "./effects.ts";
import { foldPatches } from "./fold.ts";
import { applyMessage } from "./hear.ts";
import { type KeySource, makeKeySource, type Random } from "./keys.ts";
import { Leader } from "./leader.ts";
import { loadEntries, loadOpen, loadRest, reload } from "./load.ts";
import { Memory } from "./memory.ts";
import type { Change, Replica } from "./replica.ts";
import { storeInTab } from "./store.ts";
import { Sync } from "./sync.ts";
import { type Message, makeTab, type SetTimer } from "./tab.ts";
import { applyInverses, History, type Inverse, Inverses } from "./undo.ts";
import { ReplicaView, type WorkspaceInfo } from "./view.ts";
import { wipeDatabase } from "./wipe.ts";
import { planChanges } from "./write.ts";

/** A channel to the other tabs of the same replica, as `BroadcastChannel`. */
export interface Channel {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
}

/** What the replica uses of the machine. */
export interface ReplicaDeps {
  readonly http: Http;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly random: Random;
  readonly setTimer: SetTimer;
  /** Call a function when the browser has nothing else to do. */
  readonly whenIdle: (call: () => void) => void;
  /** Null where there are none (plain HTTP). */
  readonly locks: LockManager | null;
  readonly openChannel: (name: string) => Channel;
  readonly isVisible: () => boolean;
  /** The due day of a task in the person's time zone (`2026-12-01`), or `none`. */
  readonly getDay: (task: TaskRow) => string;
  readonly endOccurrence: EndOccurrence;
  /** The name of the database; for tests. */
  readonly databaseName?: string;
}

/** Open the replica of a person and a workspace. It resolves when open tasks can be shown. */
export async function openReplica(
  deps: ReplicaDeps,
  person: Person,
  workspace: WorkspaceInfo,
): Promise<OpenReplica> {
  const name = deps.databaseName ?? nameDatabase(person.id, workspace.id);
  const closed = signal(false);
  const database = await openDatabase(name, () => {
    closed.value = true;
  });
  const replica = new OpenReplica(deps, person, workspace, database, name, closed);
  await replica.load();
  return replica;
}

export class OpenReplica extends ReplicaView implements Replica {
  /** The database was deleted or closed, for example because the person signed out in another tab. */
  readonly closed: Signal<boolean>;
  readonly #deps: ReplicaDeps;
  readonly #name: string;
  readonly #channel: Channel;
  readonly #leader: Leader;
  readonly #history = new History();
  readonly #ids: KeySource;
  #sync: Sync | null = null;
  #restLoaded: Promise<void> = Promise.resolve();

  constructor(
    deps: ReplicaDeps,
    person: Person,
    workspace: WorkspaceInfo,
    database: Database,
    name: string,
    closed: Signal<boolean>,
  ) {
    const ids = makeKeySource(deps.now);
    const channel = deps.openChannel(name);
    super(
      makeTab({
        ...deps,
        database,
        memory: new Memory(deps.getDay),
        workspace: workspace.id,
        state: signal(FIRST_STATE),
        nextKey: () => ids.next(),
        emit: (message) => channel.postMessage(message),
        sending: null,
      }),
      person,
      workspace,
    );
    this.#deps = deps;
    this.#name = name;
    this.closed = closed;
    this.#ids = ids;
    this.#channel = channel;
    channel.onmessage = (event) => this.#hear(event.data as Message);
    this.#leader = new Leader({
      ...deps,
      database,
      name,
      owner: ids.next(),
      ask: () => this.tab.emit({ type: "ask leader" }),
      onGain: (epoch) => void this.#lead(epoch).catch(ignoreClosed),
      onLoss: () => this.#follow(),
    });
    closed.subscribe((isClosed) => {
      if (isClosed) void this.close();
    });
  }

  /** Load what is stored and start to sync. */
  async load(): Promise<void> {
    await loadOpen(this.tab);
    for (const { key } of this.tab.memory.listEntries()) this.#ids.follow(key);
    this.#restLoaded = new Promise((resolve) => {
      this.#deps.whenIdle(() => void loadRest(this.tab).then(resolve, () => resolve()));
    });
    this.#leader.start();
  }

  async write(changes: readonly Change[]): Promise<string> {
    const { group, inverses, stored } = this.#write(changes);
    this.#history.add(group, inverses);
    await stored;
    return group;
  }

  async undo(group?: string): Promise<void> {
    const taken = this.#history.takeUndo(group);
    if (taken === undefined) return;
    const written = this.#revert(taken.inverses);
    this.#history.addUndone(written.group, written.inverses);
    await written.stored;
  }

  async redo(): Promise<void> {
    const taken = this.#history.takeRedo();
    if (taken === undefined) return;
    const written = this.#revert(taken.inverses);
    this.#history.addRedone(written.group, written.inverses);
    await written.stored;
  }

  dismissNotice(key: string): void {
    this.tab.notices.value = this.tab.notices.peek().filter((notice) => notice.key !== key);
  }

  async dismissRefused(key: string): Promise<void> {
    const { memory, database } = this.tab;
    await database.delete("refused", key);
    memory.refused.value = memory.refused.peek().filter((refused) => refused.key !== key);
    this.tab.emit({ type: "refused", refused: memory.refused.peek() });
  }

  async readDraft(key: string): Promise<string | undefined> {
    return await this.tab.database.get("drafts", key);
  }

  async saveDraft(key: string, text: string | null): Promise<void> {
    if (text === null) await this.tab.database.delete("drafts", key);
    else await this.tab.database.put("drafts", text, key);
  }

  newId(): string {
    return this.#ids.next();
  }

  sync(): void {
    if (this.leads) void this.#runSync().catch(ignoreClosed);
    else {
      this.tab.emit({ type: "sync" });
      this.#leader.check();
    }
  }

  /** Read again what other tabs may have stored while this one was frozen. */
  async catchUp(): Promise<void> {
    if (!this.leads) await reload(this.tab);
    this.sync();
  }

  /** Resolves when this tab sends and fetches nothing; for tests. */
  async settle(): Promise<void> {
    await this.#restLoaded;
    await this.tab.loading;
    await this.#sync?.settle();
  }

  get leads(): boolean {
    return this.#sync !== null;
  }

  async close(): Promise<void> {
    this.#leader.stop();
    this.#sync?.stop();
    await this.settle();
    this.#channel.close();
    this.tab.database.close();
  }

  /** Delete everything of this workspace from the device, in all tabs. */
  async wipe(): Promise<void> {
    this.tab.emit({ type: "wiped" });
    await this.close();
    this.closed.value = true;
    await wipeDatabase(this.#name);
  }

  #write(changes: Iterable<Change>) {
    const { tab } = this;
    const group = this.#ids.next();
    const inverses = new Inverses();
    const context = {
      memory: tab.memory,
      nextKey: () => this.#ids.next(),
      now: new Date(this.#deps.now()).toISOString(),
      endOccurrence: this.#deps.endOccurrence,
      onChange: (change: Change) => inverses.add(tab.memory, change),
    };
    const planned = planChanges(context, changes, group);
    const stored = storeInTab(tab, planned).then(() => {
      if (this.#sync !== null) this.#sync.want({ push: true });
      else this.#leader.check();
    });
    return { group, inverses: inverses.list(), stored };
  }

  #revert(inverses: readonly Inverse[]) {
    return this.#write(applyInverses(inverses, this.tab.memory, this.#ids.next));
  }

  async #lead(epoch: number): Promise<void> {
    // The previous leader may have stored rows without sending them to this tab.
    await this.#restLoaded;
    await reload(this.tab);
    // The lead may be lost again by now.
    if (this.#leader.epoch !== epoch) return;
    this.tab.epoch = epoch;
    this.tab.emit({ type: "new leader" });
    this.#sync = new Sync(this.tab, {
      personId: this.person.id,
      onRemoved: () => void this.wipe(),
      onLostLead: () => this.#leader.lose(),
      onPulled: () => this.#deps.whenIdle(() => void this.#fold().catch(ignoreClosed)),
    });
    this.#sync.run();
  }

  async #fold(): Promise<void> {
    await this.#restLoaded;
    await this.#sync?.runAlone(() => foldPatches(this.tab));
  }

  async #runSync(): Promise<void> {
    await loadEntries(this.tab);
    this.#sync?.run();
  }

  #follow(): void {
    this.#sync?.stop();
    this.#sync = null;
    this.tab.epoch = 0;
  }

  #hear(message: Message): void {
    if (message.type === "sync") {
      if (this.leads) void this.#runSync().catch(ignoreClosed);
    } else if (message.type === "leader") this.#leader.hear();
    else if (message.type === "wiped") this.closed.value = true;
    else if (message.type === "ask leader") {
      if (this.leads) this.tab.emit({ type: "leader" });
    } else applyMessage(this.tab, message);
    if (message.type === "entries") {
      for (const { key } of message.put) this.#ids.follow(key);
      this.#sync?.want({ push: true });
    }
  }
}

/** The database was closed or the lead lost in the meantime: the next leader does the work. */
function ignoreClosed(error: unknown): void {
  if (error instanceof LostLeadError) return;
  if (error instanceof DOMException && error.name === "InvalidStateError") return;
  console.error(error);
}
