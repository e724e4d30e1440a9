/** Server-sent events, read with fetch: `EventSource` cannot name the workspace. */
import type { Http } from "./http.ts";
import { NetworkError } from "./problems.ts";

export interface ServerEvent {
  /** `change`, `reset`, or empty for a position without a change. */
  readonly type: string;
  /** The revision of the workspace, to resume from. */
  readonly revision: number;
}

export interface EventsOptions {
  readonly workspace: string;
  /** Events after this revision are sent. */
  readonly after: number;
  readonly signal: AbortSignal;
  /** Called for every piece that arrives, also heartbeats. */
  readonly onPiece?: () => void;
}

/**
 * Read `GET /api/v1/events` until the stream ends.
 *
 * @throws ProblemError the server refused the stream.
 * @throws NetworkError the connection broke or was aborted.
 */
export async function* readEvents(http: Http, options: EventsOptions): AsyncGenerator<ServerEvent> {
  const response = await http.open("GET", "/api/v1/events", {
    workspace: options.workspace,
    headers: { Accept: "text/event-stream", "Last-Event-ID": String(options.after) },
    signal: options.signal,
    timeout: 0,
  });
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let revision = options.after;
  for (;;) {
    const piece = await readPiece(reader);
    if (piece === null) return;
    options.onPiece?.();
    const blocks = (text + piece).split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = parseBlock(block);
      revision = Number(fields.get("id") ?? revision);
      if (fields.has("id") || fields.has("event")) {
        yield { type: fields.get("event") ?? "", revision };
      }
    }
  }
}

async function readPiece(reader: ReadableStreamDefaultReader<string>): Promise<string | null> {
  try {
    const { done, value } = await reader.read();
    return done ? null : value;
  } catch (error) {
    throw new NetworkError("The stream of events broke.", { cause: error });
  }
}

function parseBlock(block: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const at = line.indexOf(": ");
    if (at > 0) fields.set(line.slice(0, at), line.slice(at + 2));
  }
  return fields;
}
