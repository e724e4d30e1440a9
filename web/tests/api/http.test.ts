import { expect, test } from "vitest";
import { createHttp, type RequestOptions } from "../../src/api/http.ts";
import { isTemporary, NetworkError, ProblemError } from "../../src/api/problems.ts";

/** A client whose server always gives one response, and the requests that it sent. */
function makeClient(response: () => Response | Promise<Response>) {
  const sent: { url: string; init: RequestInit }[] = [];
  const http = createHttp(async (url, init) => {
    sent.push({ url, init });
    return await response();
  });
  return { http, sent };
}

async function getHeaders(options: RequestOptions): Promise<Headers> {
  const { http, sent } = makeClient(() => new Response("{}"));
  await http.send("POST", "/x", options);
  return new Headers(sent[0]?.init.headers);
}

async function getError(response: Response): Promise<unknown> {
  const { http } = makeClient(() => response);
  return await http.send("GET", "/x").catch((error: unknown) => error);
}

test.for<[string, RequestOptions, string]>([
  ["Taskstead-Client", {}, "web"],
  ["Taskstead-Workspace", { workspace: "w1" }, "w1"],
  ["Idempotency-Key", { idempotencyKey: "k1" }, "k1"],
  ["If-Match", { ifRevision: 4 }, '"4"'],
  ["Content-Type", { body: {} }, "application/json"],
])("it sends %s", async ([name, options, value]) => {
  expect((await getHeaders(options)).get(name)).toBe(value);
});

test("it sends the cookie to its own server only", async () => {
  const { http, sent } = makeClient(() => new Response("{}"));
  await http.send("GET", "/x");
  expect(sent[0]?.init.credentials).toBe("same-origin");
});

test("a text is sent as it is", async () => {
  const { http, sent } = makeClient(() => new Response("{}"));
  await http.send("POST", "/x", { text: '{"a":  1}' });
  expect(sent[0]?.init.body).toBe('{"a":  1}');
});

test("undefined parameters are left out", async () => {
  const { http, sent } = makeClient(() => new Response("{}"));
  await http.send("GET", "/x", { query: { a: 1, b: undefined, c: "ä b" } });
  expect(sent[0]?.url).toBe("/x?a=1&c=%C3%A4+b");
});

test("an empty answer has no body", async () => {
  const { http } = makeClient(() => new Response(null, { status: 204 }));
  expect((await http.send("DELETE", "/x")).body).toBe(undefined);
});

test("a problem document becomes an error with its fields", async () => {
  const body = {
    code: "validation_failed",
    detail: "wrong",
    request_id: "r1",
    errors: [{ pointer: "/title", message: "empty", code: "too_short" }],
  };
  const error = await getError(
    Response.json(body, { status: 422, headers: { "Retry-After": "7" } }),
  );
  expect(error).toBeInstanceOf(ProblemError);
  expect(error).toMatchObject({
    status: 422,
    code: "validation_failed",
    detail: "wrong",
    requestId: "r1",
    retryAfter: 7,
    errors: body.errors,
  });
});

test("a lost connection is an error of its own", async () => {
  const { http } = makeClient(() => Promise.reject(new TypeError("failed")));
  await expect(http.send("GET", "/x")).rejects.toThrow(NetworkError);
});

test("a login page of a network is not an answer", async () => {
  expect(await getError(new Response("<html>"))).toBeInstanceOf(NetworkError);
});

test("a 404 of a proxy is not an answer", async () => {
  expect(await getError(new Response("not found", { status: 404 }))).toBeInstanceOf(NetworkError);
});

test("a 502 of a proxy is an error of the server", async () => {
  expect(await getError(new Response("bad", { status: 502 }))).toMatchObject({ status: 502 });
});

test("a request that was aborted is a lost connection", async () => {
  const { http } = makeClient(() => Promise.reject(new DOMException("aborted", "AbortError")));
  await expect(http.send("GET", "/x")).rejects.toThrow(NetworkError);
});

test.for<[number, string | null, boolean]>([
  [500, null, true],
  [503, "1", true],
  [429, "1", true],
  [409, "1", true],
  [409, null, false],
  [422, null, false],
  [401, null, false],
])("status %i with Retry-After %s: repeat it is %s", ([status, after, expected]) => {
  expect(isTemporary(new ProblemError(status, {}, after === null ? null : 1))).toBe(expected);
});
