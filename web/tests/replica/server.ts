/**
 * A small model of the server for tests: the log, sync pages, bulk with `if_revision`, idempotency
 * keys, labels and events. It can lose requests and answers.
 */

import { addDays } from "../../src/domain/days.ts";
import { makeKeyBetween } from "../../src/domain/order.ts";
import type { TaskRow } from "../../src/domain/rows.ts";

type Row = Record<string, unknown> & { id: string; revision: number; deleted_at: string | null };
type Table = Map<string, Row>;
type Body = Record<string, unknown>;

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** What happens to a request. `busy`: 503, nothing is done. */
export type Fault = "lose request" | "lose answer" | "busy" | null;

const AT = "2026-11-27T09:00:00Z";

export class ModelServer {
  revision = 0;
  readonly tasks: Table = new Map();
  readonly categories: Table = new Map();
  readonly tags: Table = new Map();
  readonly removed = new Map<string, { kind: string; id: string; revision: number }>();
  /** Method and path of all requests that arrived. */
  readonly requests: string[] = [];
  /** The bodies of bulk requests that were executed, so not the repeated ones. */
  readonly executed: string[] = [];
  /** Decides the fate of each request. */
  fault: (path: string, method: string) => Fault = () => null;
  /** A reply instead of the usual one. */
  override: (path: string, method: string) => Reply | null = () => null;
  pageSize = 1000;
  /** The id of the person of the session. */
  person = "u1";
  /** Tokens below this revision are too old (410). */
  oldest = 0;
  readonly #answers = new Map<string, { text: string; reply: Reply }>();
  readonly #streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  #number = 0;

  /** The function that replaces `fetch` of a client. */
  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const { pathname, searchParams } = new URL(url, "http://model");
    const method = init.method ?? "GET";
    if (init.signal?.aborted) throw init.signal.reason;
    this.requests.push(`${method} ${pathname}`);
    if (pathname === "/api/v1/events") return this.#openStream(init.signal ?? null);
    const fault = this.fault(pathname, method);
    if (fault === "lose request") throw new TypeError("connection lost");
    if (fault === "busy") return toResponse(problem(503, "database_busy"), { "Retry-After": "1" });
    const headers = new Headers(init.headers);
    const reply =
      this.override(pathname, method) ??
      this.#answerOnce(method, pathname, searchParams, String(init.body ?? ""), headers);
    if (fault === "lose answer") throw new TypeError("connection lost");
    await Promise.resolve();
    if (init.signal?.aborted) throw init.signal.reason;
    return toResponse(reply);
  };

  /** The row of a task, as the server has it. */
  task(id: string): TaskRow | undefined {
    return this.tasks.get(id) as unknown as TaskRow | undefined;
  }

  /** Create or change a task directly, as another client would. */
  putTask(id: string, values: Partial<TaskRow>): void {
    const old = this.tasks.get(id);
    this.#write(this.tasks, { ...(old ?? this.#newTask(id)), ...values });
  }

  purgeTask(id: string): void {
    this.tasks.delete(id);
    this.revision += 1;
    this.removed.set(id, { kind: "task", id, revision: this.revision });
    this.#announce();
  }

  putCategory(id: string, values: Body): void {
    const row = { id, name: "", color: null, position: 0, archived: false, deleted_at: null };
    this.#write(this.categories, { ...row, revision: 0, ...this.categories.get(id), ...values });
  }

  /** Forget all Idempotency-Keys, as after a day. */
  forgetKeys(): void {
    this.#answers.clear();
  }

  /** End all streams of events. */
  endStreams(): void {
    for (const stream of this.#streams) stream.close();
    this.#streams.clear();
  }

  get streams(): number {
    return this.#streams.size;
  }

  #newTask(id: string): Row {
    this.#number += 1;
    const last = [...this.tasks.values()].map((row) => String(row.position)).sort();
    return {
      id,
      number: this.#number,
      title: "",
      description: "",
      status: "todo",
      completed: false,
      priority: 3,
      due_date: null,
      due_time_zone: null,
      repeat_rule: null,
      repeat_mode: null,
      repeat_except: [],
      repeat_start: null,
      repeat_at: null,
      repeat_gone: 0,
      category_id: null,
      tag_ids: [],
      parent: null,
      assignee: null,
      position: makeKeyBetween(last.at(-1) ?? null, null),
      revision: 0,
      created_at: AT,
      updated_at: AT,
      completed_at: null,
      deleted_at: null,
    };
  }

  #write(table: Table, row: Row): Row {
    this.revision += 1;
    const written = { ...row, revision: this.revision };
    table.set(row.id, written);
    this.#announce();
    return written;
  }

  #announce(): void {
    const text = `id: ${this.revision}\nevent: change\ndata: {}\n\n`;
    for (const stream of this.#streams) stream.enqueue(new TextEncoder().encode(text));
  }

  #openStream(signal: AbortSignal | null): Response {
    let own: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        own = controller;
        this.#streams.add(controller);
        controller.enqueue(new TextEncoder().encode(`retry: 2000\nid: ${this.revision}\n\n`));
        signal?.addEventListener("abort", () => {
          if (this.#streams.delete(own)) controller.error(new Error("aborted"));
        });
      },
      cancel: () => {
        this.#streams.delete(own);
      },
    });
    return new Response(body, { status: 200 });
  }

  #answerOnce(
    method: string,
    path: string,
    query: URLSearchParams,
    text: string,
    headers: Headers,
  ): Reply {
    const key = headers.get("Idempotency-Key");
    const stored = key === null ? undefined : this.#answers.get(key);
    if (stored !== undefined) {
      return stored.text === text ? stored.reply : problem(422, "idempotency_key_reused");
    }
    const body = text === "" ? {} : (JSON.parse(text) as Body);
    const reply = this.#answer(method, path, query, body, headers);
    if (key !== null && reply.status < 300) this.#answers.set(key, { text, reply });
    return reply;
  }

  #answer(
    method: string,
    path: string,
    query: URLSearchParams,
    body: Body,
    headers: Headers,
  ): Reply {
    if (path === "/auth/me") return { status: 200, body: { id: this.person } };
    if (path === "/api/v1/changes") return this.#listChanges(query.get("since"));
    if (path === "/api/v1/tasks/bulk") return this.#runBulk(body);
    const [, , , list = "", id = ""] = path.split("/");
    const table = { categories: this.categories, tags: this.tags }[list];
    if (table === undefined) return problem(404, "not_found");
    const reply = this.#writeLabel(table, method, id, body, headers.get("If-Match"));
    return { ...reply, headers: { "Taskstead-Revision": String(this.revision) } };
  }

  #listChanges(since: string | null): Reply {
    const from = Number(since ?? 0);
    if (since !== null && from < this.oldest) return problem(410, "resync_needed");
    const rows = [
      ...this.#since("tasks", this.tasks, from),
      ...this.#since("categories", this.categories, from),
      ...this.#since("tags", this.tags, from),
      ...[...this.removed.values()]
        .filter(({ revision }) => revision > from)
        .map(({ revision, kind, id }) => ({
          list: "removed",
          revision,
          row: { kind, id, action: "purged" },
        })),
    ].sort((a, b) => a.revision - b.revision);
    const page = rows.slice(0, this.pageSize);
    const hasMore = rows.length > page.length;
    const pick = (list: string) => page.filter((item) => item.list === list).map(({ row }) => row);
    return {
      status: 200,
      body: {
        workspace: null,
        members: [],
        filters: [],
        occurrences: [],
        tasks: pick("tasks"),
        categories: pick("categories"),
        tags: pick("tags"),
        removed: pick("removed"),
        revision: this.revision,
        next: String(hasMore ? (page.at(-1)?.revision ?? from) : this.revision),
        has_more: hasMore,
      },
    };
  }

  #since(list: string, table: Table, from: number) {
    return [...table.values()]
      .filter((row) => row.revision > from)
      .map((row) => ({ list, revision: row.revision, row }));
  }

  #runBulk(body: Body): Reply {
    this.executed.push(JSON.stringify(body));
    const operations = body.operations as Body[];
    const results = operations.map((operation, index) => {
      const { status, body: answer } = this.#runOperation(operation, index);
      const failed = status >= 400;
      const task = failed || status === 204 ? null : answer;
      return { status, id: operation.id ?? null, task, problem: failed ? answer : null };
    });
    const failed = results.filter(({ status }) => status >= 400).length;
    return {
      status: 200,
      body: {
        results,
        failed,
        succeeded: results.length - failed,
        dry_run: false,
        batch: null,
        revision: this.revision,
      },
    };
  }

  #runOperation(operation: Body, index: number): Reply {
    const values = operation.task as Body | undefined;
    if (operation.op === "create" && values !== undefined) {
      const id = String(values.id);
      if (this.tasks.has(id)) return problem(409, "name_taken");
      const row = this.#newTask(id);
      return { status: 201, body: this.#write(this.tasks, this.#setFields(row, values)) };
    }
    const row = this.tasks.get(String(operation.id));
    if (row === undefined) return problem(404, "not_found", `/operations/${index}/id`);
    if (operation.if_revision != null && operation.if_revision !== row.revision) {
      return problem(412, "revision_mismatch");
    }
    return this.#changeTask(operation, row, values ?? {});
  }

  #changeTask(operation: Body, row: Row, values: Body): Reply {
    const write = (patch: Body) => this.#write(this.tasks, { ...row, ...patch });
    switch (operation.op) {
      case "trash":
        for (const task of this.#tree(row.id)) {
          if (task.deleted_at === null) this.#write(this.tasks, { ...task, deleted_at: AT });
        }
        return { status: 204 };
      case "purge":
        for (const task of this.#tree(row.id)) this.purgeTask(task.id);
        return { status: 204 };
      case "restore":
        this.#restoreCategory(row);
        for (const task of this.#tree(row.id).slice(1)) {
          if (task.deleted_at === row.deleted_at) {
            this.#write(this.tasks, { ...task, deleted_at: null });
          }
        }
        return { status: 200, body: write({ deleted_at: null }) };
    }
    if (row.deleted_at !== null) return problem(409, "task_trashed");
    switch (operation.op) {
      case "update":
        return { status: 200, body: this.#write(this.tasks, this.#setFields(row, values)) };
      case "move":
        return { status: 200, body: write({ position: this.#place(operation, row.id) }) };
      case "complete":
      case "skip":
        if (operation.occurrence !== row.repeat_at) return problem(409, "occurrence_over");
        return { status: 200, body: write(endOccurrence(row as unknown as TaskRow)) };
      default:
        return problem(422, "validation_failed", "/operations/0/op");
    }
  }

  /** A category is restored with its first task. */
  #restoreCategory(task: Row): void {
    const row = this.categories.get(String(task.category_id));
    if (row !== undefined && row.deleted_at !== null) {
      this.#write(this.categories, { ...row, deleted_at: null });
    }
  }

  #setFields(row: Row, values: Body): Row {
    const { add_tag_ids, remove_tag_ids, place, ...fields } = values;
    const removed = new Set((remove_tag_ids as string[] | undefined) ?? []);
    const added = (add_tag_ids as string[] | undefined) ?? [];
    const tags = (fields.tag_ids as string[] | undefined) ?? (row.tag_ids as string[]);
    const tag_ids = [...new Set([...tags.filter((id) => !removed.has(id)), ...added])];
    const position = place ? this.#place(place as Body, row.id) : row.position;
    return { ...row, ...fields, tag_ids, position };
  }

  #place(place: Body, moved: string): string {
    const keys = [...this.tasks.values()]
      .filter((row) => row.id !== moved)
      .map((row) => String(row.position))
      .sort();
    if (place.to === "start") return makeKeyBetween(null, keys[0] ?? null);
    const anchor = String(this.tasks.get(String(place.before ?? place.after))?.position ?? "");
    const at = keys.indexOf(anchor);
    if (place.to === "end" || at < 0) return makeKeyBetween(keys.at(-1) ?? null, null);
    return place.before === undefined
      ? makeKeyBetween(anchor, keys[at + 1] ?? null)
      : makeKeyBetween(keys[at - 1] ?? null, anchor);
  }

  /** A task and its sub-tasks on all levels. */
  #tree(id: string): Row[] {
    const row = this.tasks.get(id);
    if (row === undefined) return [];
    const children = [...this.tasks.values()].filter((task) => task.parent === id);
    return [row, ...children.flatMap((child) => this.#tree(child.id))];
  }

  #writeLabel(table: Table, method: string, id: string, body: Body, ifMatch: string | null): Reply {
    if (method === "POST") {
      const isTaken = [...table.values()].some(
        (row) => row.id === body.id || (row.name === body.name && row.deleted_at === null),
      );
      if (isTaken) return problem(409, "name_taken");
      const row = { color: null, position: 0, archived: false, deleted_at: null, revision: 0 };
      return { status: 201, body: this.#write(table, { ...row, ...body } as unknown as Row) };
    }
    const row = table.get(id);
    if (row === undefined || row.deleted_at !== null) return problem(404, "not_found", "path/id");
    if (ifMatch !== null && ifMatch !== `"${row.revision}"`) {
      return problem(412, "revision_mismatch");
    }
    if (method === "PATCH") return { status: 200, body: this.#write(table, { ...row, ...body }) };
    this.#write(table, { ...row, deleted_at: AT });
    return { status: 204 };
  }
}

/** The rule of the repeating tasks of the model: every day, without an end. */
export function endOccurrence(task: TaskRow): Partial<TaskRow> {
  const next = addDays(task.repeat_at ?? "", 1);
  return { repeat_at: next, due_date: next, repeat_gone: task.repeat_gone + 1 };
}

/** A problem document, as a reply. */
export function problem(status: number, code: string, pointer?: string): Reply {
  const errors = pointer === undefined ? [] : [{ pointer, message: code, code }];
  const body = { type: "", title: code, status, detail: code, code, request_id: "r1", errors };
  return { status, body: { ...body, timestamp: AT } };
}

function toResponse(reply: Reply, headers: Record<string, string> = {}): Response {
  const text = reply.body === undefined ? null : JSON.stringify(reply.body);
  return new Response(text, { status: reply.status, headers: { ...reply.headers, ...headers } });
}
