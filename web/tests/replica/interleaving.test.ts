/**
 * Random interleavings of two persons, one of them with two tabs, of faults and reloads. Whatever
 * happens: all tabs and the server end in the same state, no change is lost, and none is made twice.
 */
import { expect, test } from "vitest";
import type { TaskRow } from "../../src/domain/rows.ts";
import type { OpenReplica } from "../../src/replica/open.ts";
import type { Change } from "../../src/replica/replica.ts";
import { makeRandom } from "../random.ts";
import { Browser, nextTurn, settle, until } from "./client.ts";
import { type Fault, ModelServer } from "./server.ts";

const STEPS = 60;

/** What the persons did, to compare with the end. */
interface Diary {
  readonly created: Set<string>;
  /** Tasks that somebody deleted for good. */
  readonly purged: Set<string>;
  /** `task:tag` that was added and never removed. */
  readonly tagged: Set<string>;
  /** `task:line` that was appended to a description. */
  readonly lines: Map<string, string>;
  /** `task:occurrence` that was completed. */
  readonly ended: Set<string>;
}

class World {
  readonly server = new ModelServer();
  readonly random: () => number;
  /** The browser of each tab. */
  readonly browsers: readonly Browser[];
  readonly tabs: OpenReplica[] = [];
  readonly diary: Diary = {
    created: new Set(),
    purged: new Set(),
    tagged: new Set(),
    lines: new Map(),
    ended: new Set(),
  };
  #count = 0;

  constructor(seed: number) {
    this.random = makeRandom(seed).next;
    this.server.pageSize = 4;
    const [one, two] = [1, 2].map((n) => new Browser(this.server, { seed: seed * 10 + n }));
    if (one === undefined || two === undefined) throw new Error("There are two browsers.");
    // The first person has two tabs.
    this.browsers = [one, two, one];
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.random() * list.length)];
  }

  async start(): Promise<void> {
    this.server.putTask("repeating", {
      title: "Water",
      repeat_rule: "FREQ=DAILY",
      repeat_start: "2026-12-01",
      repeat_at: "2026-12-01",
      due_date: "2026-12-01",
    });
    this.server.putTask("shared", { title: "Shared", description: "a\nb\nc\nd\ne" });
    for (const browser of this.browsers) {
      const tab = await browser.open();
      await until(() => tab.status.peek().phase === "ready");
      this.tabs.push(tab);
    }
    this.server.fault = () => this.#chooseFault();
  }

  #chooseFault(): Fault {
    const chance = this.random();
    if (chance < 0.15) return "lose request";
    if (chance < 0.3) return "lose answer";
    return chance < 0.35 ? "busy" : null;
  }

  async step(): Promise<void> {
    const at = Math.floor(this.random() * this.tabs.length);
    const [tab, browser] = [this.tabs[at], this.browsers[at]];
    if (tab === undefined || browser === undefined) return;
    browser.now += Math.floor(this.random() * 5);
    const chance = this.random();
    if (chance < 0.06) {
      void tab.close();
      this.tabs[at] = await browser.open();
    } else if (chance < 0.25) browser.timers.fire(100_000);
    else if (chance < 0.32) await settle(tab);
    else if (chance < 0.36) this.server.forgetKeys();
    else {
      const changes = this.#makeChanges(tab);
      if (changes.length > 0) await tab.write(changes);
    }
    for (let turn = this.random() * 4; turn > 0; turn -= 1) await nextTurn();
  }

  #makeChanges(tab: OpenReplica): Change[] {
    const tasks = [...tab.bucket("all", "").value].map((id) => tab.task(id) as TaskRow);
    const task = this.pick(tasks);
    this.#count += 1;
    const mark = `m${this.#count}`;
    const chance = this.random();
    if (task === undefined || chance < 0.12) return [this.#create(tab.newId(), mark)];
    const { id } = task;
    if (chance < 0.4) return [this.#tag(task, mark)];
    if (chance < 0.55) return [this.#append(task, mark)];
    if (chance < 0.75) {
      const set = this.pick([
        { title: mark },
        { priority: 1 as const },
        { status: "done" as const },
      ]);
      return [{ kind: "task", action: "update", id, set: set ?? { title: mark } }];
    }
    if (chance < 0.82) return this.#endOccurrence(tab);
    if (chance < 0.9) return this.#remove(tab, task);
    const other = this.pick(tasks);
    if (other === undefined || other.id === id) return [];
    return [{ kind: "task", action: "move", id, place: { before: other.id } }];
  }

  #create(id: string, title: string): Change {
    this.diary.created.add(id);
    return { kind: "task", action: "create", id, set: { title } };
  }

  #tag(task: TaskRow, tag: string): Change {
    this.diary.tagged.add(`${task.id}:${tag}`);
    const set = { tag_ids: [...task.tag_ids, tag] };
    return { kind: "task", action: "update", id: task.id, set };
  }

  #append(task: TaskRow, line: string): Change {
    this.diary.lines.set(line, task.id);
    const lines = task.description.split("\n");
    const at = Math.floor(this.random() * (lines.length + 1));
    const description = [...lines.slice(0, at), line, ...lines.slice(at)].join("\n");
    return { kind: "task", action: "update", id: task.id, set: { description } };
  }

  #remove(tab: OpenReplica, task: TaskRow): Change[] {
    if (task.id === "repeating") return [];
    const trashed = this.pick([...tab.bucket("trash", "").value]);
    const restore: Change[] =
      trashed === undefined ? [] : [{ kind: "task", action: "restore", id: trashed }];
    if (this.random() < 0.5) return restore;
    const action = this.random() < 0.2 ? "purge" : "trash";
    if (action === "purge") this.diary.purged.add(task.id);
    return [{ kind: "task", action, id: task.id }];
  }

  #endOccurrence(tab: OpenReplica): Change[] {
    const occurrence = tab.task("repeating")?.repeat_at;
    if (occurrence == null) return [];
    this.diary.ended.add(occurrence);
    return [{ kind: "task", action: "complete", id: "repeating", occurrence }];
  }

  /** The faults end: everything is sent and fetched. */
  async finish(): Promise<void> {
    this.server.fault = () => null;
    for (let round = 0; round < 6; round += 1) {
      for (const [at, tab] of this.tabs.entries()) {
        this.browsers[at]?.timers.fire(100_000);
        await settle(tab);
        tab.sync();
        await settle(tab);
      }
    }
  }

  /** The waiting and refused texts of both clients. */
  listRefused(): string {
    return JSON.stringify(this.tabs.map((tab) => tab.refused.peek()));
  }

  async close(): Promise<void> {
    for (const tab of this.tabs) await tab.close();
  }
}

function listTasks(tab: OpenReplica): TaskRow[] {
  return [...tab.tab.memory.tasks.visible()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function listServerTasks(server: ModelServer): unknown[] {
  return [...server.tasks.values()]
    .map(({ completed: _, ...row }) => ({ ...row, repeat_mode: "schedule" }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);

test.for(SEEDS)("three tabs of two persons converge and lose nothing, seed %i", async (seed) => {
  const world = new World(seed);
  await world.start();
  for (let step = 0; step < STEPS; step += 1) await world.step();
  await world.finish();
  const { server, diary, tabs } = world;
  const refused = world.listRefused();
  for (const tab of tabs) {
    expect(tab.status.peek().unsent).toBe(0);
    expect(tab.tab.memory.entries.size).toBe(0);
    expect(listTasks(tab)).toEqual(listServerTasks(server));
  }
  const isKept = (id: string, value: string, values: readonly string[] | undefined) =>
    diary.purged.has(id) || (values?.includes(value) ?? false) || refused.includes(value);
  for (const id of diary.created) {
    expect(isKept(id, id, [server.task(id)?.id ?? ""])).toBe(true);
  }
  for (const mark of diary.tagged) {
    const [id = "", tag = ""] = mark.split(":");
    expect([mark, isKept(id, tag, server.task(id)?.tag_ids)]).toEqual([mark, true]);
  }
  for (const [line, id] of diary.lines) {
    const lines = server.task(id)?.description.split("\n");
    expect([line, isKept(id, line, lines)]).toEqual([line, true]);
  }
  expect(server.task("repeating")?.repeat_gone).toBe(diary.ended.size);
  await world.close();
});
