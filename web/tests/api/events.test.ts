import { expect, test } from "vitest";
import { readEvents, type ServerEvent } from "../../src/api/events.ts";
import { createHttp } from "../../src/api/http.ts";
import { ProblemError } from "../../src/api/problems.ts";

async function read(pieces: readonly string[]): Promise<ServerEvent[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
  return await collect(new Response(body));
}

async function collect(response: Response): Promise<ServerEvent[]> {
  const http = createHttp(async () => response);
  const signal = new AbortController().signal;
  const events: ServerEvent[] = [];
  for await (const event of readEvents(http, { workspace: "w1", after: 3, signal })) {
    events.push(event);
  }
  return events;
}

test("an event has its type and revision", async () => {
  expect(await read(["id: 9\nevent: change\ndata: {}\n\n"])).toEqual([
    { type: "change", revision: 9 },
  ]);
});

test("events may arrive in pieces", async () => {
  const pieces = ["id: 9\nev", "ent: change\nda", "ta: {}\n", "\nid: 10\nevent: change\n\n"];
  expect(await read(pieces)).toEqual([
    { type: "change", revision: 9 },
    { type: "change", revision: 10 },
  ]);
});

test("a position without a change has no type", async () => {
  expect(await read(["retry: 2000\nid: 8\n\n"])).toEqual([{ type: "", revision: 8 }]);
});

test("comments are left out", async () => {
  expect(await read([": still here\n\n"])).toEqual([]);
});

test("an event that is cut off is left out", async () => {
  expect(await read(["id: 9\nevent: change\ndata: {}\n"])).toEqual([]);
});

test("a refused stream is an error", async () => {
  const response = Response.json({ code: "unauthenticated" }, { status: 401 });
  await expect(collect(response)).rejects.toThrow(ProblemError);
});

test("it continues after the revision that the replica has", async () => {
  let sent = new Headers();
  const http = createHttp(async (_, init) => {
    sent = new Headers(init.headers);
    return new Response("");
  });
  const signal = new AbortController().signal;
  for await (const _ of readEvents(http, { workspace: "w1", after: 3, signal })) break;
  expect([sent.get("Last-Event-ID"), sent.get("Taskstead-Workspace")]).toEqual(["3", "w1"]);
});
