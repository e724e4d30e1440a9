/** The HTTP client: JSON, the cookie of the session, time limits and errors as classes. */
import { NetworkError, ProblemError } from "./problems.ts";
import type { Problem } from "./schema.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** The JSON body as text, sent as it is: a repeated request must have the same bytes. */
  readonly text?: string;
  /** The body, as a value. */
  readonly body?: unknown;
  /** The id of the workspace; without it, the server uses the personal one. */
  readonly workspace?: string | undefined;
  readonly idempotencyKey?: string;
  /** The revision that the object must have (`If-Match`). */
  readonly ifRevision?: number | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** The time limit for the whole answer, in milliseconds. 0: none. */
  readonly timeout?: number;
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
  readonly headers: Headers;
}

/**
 * Send a request. `T` is the shape that the OpenAPI document promises; it is not checked.
 *
 * @throws ProblemError the server answered with an error.
 * @throws NetworkError there was no answer.
 */
export interface Http {
  send<T>(method: string, path: string, options?: RequestOptions): Promise<Answer<T>>;
  /** The response before its body is read, for streams. Same errors. */
  open(method: string, path: string, options?: RequestOptions): Promise<Response>;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** Create a client for the server at `base` (empty: the server of the page). */
export function createHttp(fetch: Fetch, base = ""): Http {
  const open = async (method: string, path: string, options: RequestOptions = {}) => {
    const response = await exchange(fetch, base + path + toQuery(options.query), method, options);
    if (!response.ok) throw await readProblem(response);
    return response;
  };
  return {
    open,
    async send<T>(method: string, path: string, options: RequestOptions = {}) {
      const response = await open(method, path, options);
      const body = await readJson<T>(response);
      return { status: response.status, body, headers: response.headers };
    },
  };
}

async function exchange(
  fetch: Fetch,
  url: string,
  method: string,
  options: RequestOptions,
): Promise<Response> {
  const text = options.body === undefined ? options.text : JSON.stringify(options.body);
  const timeout = options.timeout ?? DEFAULT_TIMEOUT_MS;
  const signals = [options.signal, timeout > 0 ? AbortSignal.timeout(timeout) : undefined];
  const init: RequestInit = {
    method,
    headers: toHeaders(options, text !== undefined),
    credentials: "same-origin",
    cache: "no-store",
    signal: AbortSignal.any(signals.filter((signal) => signal !== undefined)),
  };
  if (text !== undefined) init.body = text;
  try {
    return await fetch(url, init);
  } catch (error) {
    throw new NetworkError("The server cannot be reached.", { cause: error });
  }
}

function toHeaders(options: RequestOptions, hasBody: boolean): Record<string, string> {
  // The server accepts the cookie only with this header, which other sites cannot send.
  const headers: Record<string, string> = { "Taskstead-Client": "web", Accept: "application/json" };
  if (hasBody) headers["Content-Type"] = "application/json";
  if (options.workspace !== undefined) headers["Taskstead-Workspace"] = options.workspace;
  if (options.idempotencyKey !== undefined) headers["Idempotency-Key"] = options.idempotencyKey;
  if (options.ifRevision !== undefined) headers["If-Match"] = `"${options.ifRevision}"`;
  return { ...headers, ...options.headers };
}

function toQuery(query: RequestOptions["query"] = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}

async function readJson<T>(response: Response): Promise<T> {
  try {
    const text = await response.text();
    return (text === "" ? undefined : JSON.parse(text)) as T;
  } catch (error) {
    // A connection that broke, or for example the login page of a hotel's network.
    throw new NetworkError("The answer is not complete or not JSON.", { cause: error });
  }
}

async function readProblem(response: Response): Promise<ProblemError | NetworkError> {
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  const retryAfter = Number.isNaN(seconds) ? null : seconds;
  const problem = await readJson<Partial<Problem> | undefined>(response).catch(() => undefined);
  if (typeof problem?.code !== "string" && response.status < 500) {
    // For example of a proxy whose server is being restarted.
    return new NetworkError("The answer is not of this server.");
  }
  return new ProblemError(response.status, problem ?? {}, retryAfter);
}
