/** How lists are grouped and sorted: chosen per list, and remembered on this device. */
import { signal } from "@preact/signals";

/** The groupings, as saved filters name them. */
export const GROUPINGS = [
  "none",
  "due_date",
  "priority",
  "category",
  "tag",
  "status",
  "assignee",
] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface ListOptions {
  readonly group: Grouping;
  /** A sort order of the server, such as `-priority,title`; null is the manual order. */
  readonly sort: string | null;
}

export const DEFAULT_OPTIONS: ListOptions = { group: "none", sort: null };

/** The choices of all lists, by the key of the list. */
type Stored = Readonly<Record<string, Partial<ListOptions>>>;

const STORED = "taskstead.lists";
const stored = signal<Stored>(load());

/**
 * The options of a list. Reads a signal.
 *
 * @param key for example `inbox`, or `category:` and an id.
 */
export function getOptions(key: string, defaults: ListOptions = DEFAULT_OPTIONS): ListOptions {
  return { ...defaults, ...stored.value[key] };
}

/** Change the options of a list and store them on this device. */
export function changeOptions(key: string, change: Partial<ListOptions>): void {
  stored.value = { ...stored.peek(), [key]: { ...stored.peek()[key], ...change } };
  save();
}

/** Forget the options of a list: it is as it was saved, or its place is gone. */
export function resetOptions(key: string): void {
  const { [key]: _, ...others } = stored.peek();
  stored.value = others;
  save();
}

function save(): void {
  try {
    localStorage.setItem(STORED, JSON.stringify(stored.peek()));
  } catch {
    // The browser allows no storage: the choice lasts until the page is closed.
  }
}

function load(): Stored {
  try {
    return readStored(JSON.parse(localStorage.getItem(STORED) ?? "{}"));
  } catch {
    return {};
  }
}

/** The valid choices of what was stored, perhaps by another version of the app. */
export function readStored(value: unknown): Stored {
  if (typeof value !== "object" || value === null) return {};
  const entries = Object.entries(value).map(([key, options]) => [key, readOptions(options)]);
  return Object.fromEntries(entries);
}

function readOptions(value: unknown): Partial<ListOptions> {
  if (typeof value !== "object" || value === null) return {};
  const values = new Map<string, unknown>(Object.entries(value));
  const group = findGrouping(values.get("group"));
  const sort = values.get("sort");
  return {
    ...(group !== null && { group }),
    ...((typeof sort === "string" || sort === null) && { sort }),
  };
}

/** The grouping with a name; null if there is none. */
export function findGrouping(name: unknown): Grouping | null {
  return GROUPINGS.find((grouping) => grouping === name) ?? null;
}
