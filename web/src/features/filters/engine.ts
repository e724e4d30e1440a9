/** The code that reads filters, loaded when the first filter is used. */
import { signal } from "@preact/signals";
import type { App } from "../app.ts";
import type { ReadFilter } from "./compile.ts";

type Read = (app: App, text: string) => ReadFilter;

const engine = signal<Read | null>(null);

/** Load the code that reads filters. A failure is tried again the next time. */
export async function loadFilters(): Promise<void> {
  if (engine.peek() === null) engine.value = (await import("./compile.ts")).readFilter;
}

/** Read a filter; null until the code is loaded. Reads signals. */
export function tryReadFilter(app: App, text: string): ReadFilter | null {
  const read = engine.value;
  return read === null ? null : read(app, text);
}
