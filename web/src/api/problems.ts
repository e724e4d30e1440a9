/** What can go wrong with a request: an answer that is an error, or no answer. */
import type { Problem, ProblemField } from "./schema.ts";

/** The server answered with an error (RFC 9457). `code` is stable; texts are for people. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly status: number;
  /** The machine-readable code of docs/reference/errors.md; empty if a proxy made the answer. */
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly ProblemField[];
  readonly requestId: string;
  /** Seconds to wait before the request is repeated, or null if the server did not say. */
  readonly retryAfter: number | null;

  constructor(status: number, problem: Partial<Problem>, retryAfter: number | null) {
    super(problem.detail ?? problem.title ?? `The server answered ${status}.`);
    this.status = status;
    this.code = problem.code ?? "";
    this.detail = problem.detail ?? "";
    this.errors = problem.errors ?? [];
    this.requestId = problem.request_id ?? "";
    this.retryAfter = retryAfter;
  }
}

/** There is no answer of the server: no connection, a time limit, or the page of a captive portal. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
}

/** Whether the same request may succeed later, unchanged. */
export function isTemporary(error: unknown): boolean {
  if (error instanceof NetworkError) return true;
  if (!(error instanceof ProblemError)) return false;
  return (
    error.status >= 500 || error.status === 429 || error.status === 408 || error.retryAfter !== null
  );
}
