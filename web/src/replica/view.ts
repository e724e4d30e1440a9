/** The reading side of the replica: rows, lists and signals of one tab. */
import { computed, type ReadonlySignal } from "@preact/signals";
import type { OccurrenceRow, Person, TaskRow } from "../domain/rows.ts";
import type { IndexName, Notice, Replica, SyncStatus } from "./replica.ts";
import type { Tab } from "./tab.ts";

export type WorkspaceInfo = Replica["workspace"];

export class ReplicaView {
  readonly tab: Tab;
  readonly person: Person;
  readonly status: ReadonlySignal<SyncStatus>;
  readonly #info: WorkspaceInfo;

  constructor(tab: Tab, person: Person, workspace: WorkspaceInfo) {
    this.tab = tab;
    this.person = person;
    this.#info = workspace;
    this.status = computed(() => this.#getStatus());
  }

  get workspace(): WorkspaceInfo {
    return { ...this.#info, ...this.tab.state.value.workspace, id: this.#info.id };
  }
  get notices(): ReadonlySignal<readonly Notice[]> {
    return this.tab.notices;
  }
  get refused() {
    return this.tab.memory.refused;
  }
  get categories() {
    return this.tab.memory.categoryList;
  }
  get tags() {
    return this.tab.memory.tagList;
  }
  get members() {
    return this.tab.memory.memberList;
  }
  get filters() {
    return this.tab.memory.filterList;
  }

  task(id: string): TaskRow | undefined {
    return this.tab.memory.tasks.get(id);
  }
  watchTask(id: string): ReadonlySignal<TaskRow | undefined> {
    return this.tab.memory.mounted.watch(id);
  }
  bucket(index: IndexName, key: string): ReadonlySignal<ReadonlySet<string>> {
    return this.tab.memory.indexes.watch(index, key);
  }
  count(index: IndexName, key: string): number {
    return this.tab.memory.indexes.get(index, key).size;
  }
  findByNumber(number: number): string | undefined {
    return this.tab.memory.indexes.findByNumber(number);
  }
  occurrences(taskId: string): readonly OccurrenceRow[] {
    const rows = [...(this.tab.memory.occurrences.get(taskId)?.values() ?? [])];
    return rows
      .filter((row) => row.deleted_at === null)
      .sort((a, b) => (a.occurrence < b.occurrence ? 1 : -1));
  }

  #getStatus(): SyncStatus {
    const { state, connection, memory } = this.tab;
    const { ready, loaded, total } = state.value;
    const { online, signedOut, removed } = connection.value;
    return {
      phase: ready ? "ready" : "loading",
      loaded,
      total,
      online,
      signedOut,
      removed,
      unsent: memory.unsent.value,
      conflicts: memory.refused.value.length,
    };
  }
}
