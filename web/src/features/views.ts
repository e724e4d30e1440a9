/**
 * How a list is shown, remembered on this device: as days or as a month, as a list or as a board.
 * The key is the name of the list, such as `upcoming` or `category 0190…`.
 */
import { signal } from "@preact/signals";

const STORED = "taskstead.views";

const views = signal<ReadonlyMap<string, string>>(load());

/**
 * The view of a list. Reads a signal.
 *
 * @param allowed what the list can be shown as; the first one if nothing is remembered.
 */
export function getView<View extends string>(
  list: string,
  allowed: readonly [View, ...View[]],
): View {
  const stored = views.value.get(list);
  return allowed.find((view) => view === stored) ?? allowed[0];
}

/** Remember the view of a list. */
export function setView(list: string, view: string): void {
  views.value = new Map(views.peek()).set(list, view);
  try {
    localStorage.setItem(STORED, JSON.stringify(Object.fromEntries(views.peek())));
  } catch {
    // The browser allows no storage: the view lasts until the page is closed.
  }
}

function load(): ReadonlyMap<string, string> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED) ?? "{}");
    const entries = typeof stored === "object" && stored !== null ? Object.entries(stored) : [];
    return new Map(
      entries.flatMap(([name, view]) => (typeof view === "string" ? [[name, view]] : [])),
    );
  } catch {
    return new Map();
  }
}
