/** Who uses the app on this device, remembered so that it opens without the server. */
import type { Me } from "../api/session.ts";

export interface Workspace {
  readonly id: string;
  readonly name: string;
  readonly personal: boolean;
}

export interface Remembered {
  readonly me: Me;
  readonly workspace: Workspace;
}

const STORED = "taskstead.session";

/** The person and the workspace that were open last; null if nobody is signed in. */
export function recall(): Remembered | null {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED) ?? "null");
    return isRemembered(stored) ? stored : null;
  } catch {
    return null;
  }
}

export function remember(session: Remembered): void {
  try {
    localStorage.setItem(STORED, JSON.stringify(session));
  } catch {
    // The browser allows no storage: the next start asks the server.
  }
}

export function forget(): void {
  try {
    localStorage.removeItem(STORED);
  } catch {
    // Nothing was stored.
  }
}

function isRemembered(stored: unknown): stored is Remembered {
  if (typeof stored !== "object" || stored === null) return false;
  if (!("me" in stored) || !("workspace" in stored)) return false;
  const { me, workspace } = stored;
  return hasTexts(me, ["id", "name", "email", "time_zone"]) && hasTexts(workspace, ["id", "name"]);
}

function hasTexts(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  const texts = new Map(Object.entries(value));
  return names.every((name) => typeof texts.get(name) === "string");
}
