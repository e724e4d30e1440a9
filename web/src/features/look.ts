/** The look of the app on this device: theme and density. `public/theme.js` reads it before the first paint. */
import { signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
export type Density = "normal" | "compact";

export interface Look {
  readonly theme: Theme;
  readonly density: Density;
  /** Whether keys without a modifier are commands. */
  readonly singleKeys: boolean;
  readonly sidebar: boolean;
}

const STORED = "taskstead.look";
const DEFAULT: Look = { theme: "system", density: "normal", singleKeys: true, sidebar: true };

export const look = signal<Look>(load());

/** Change the look, apply it and store it on this device. */
export function changeLook(change: Partial<Look>): void {
  look.value = { ...look.peek(), ...change };
  apply(look.value);
  try {
    localStorage.setItem(STORED, JSON.stringify(look.value));
  } catch {
    // The browser allows no storage: the look lasts until the page is closed.
  }
}

/** Switch between light and dark, from what is seen now. */
export function toggleTheme(): void {
  changeLook({ theme: isDark() ? "light" : "dark" });
}

function isDark(): boolean {
  const { theme } = look.peek();
  if (theme !== "system") return theme === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

function apply({ theme, density }: Look): void {
  const { dataset } = document.documentElement;
  if (theme === "system") delete dataset.theme;
  else dataset.theme = theme;
  if (density === "normal") delete dataset.density;
  else dataset.density = density;
}

function load(): Look {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED) ?? "{}");
    return typeof stored === "object" && stored !== null ? readLook(stored) : DEFAULT;
  } catch {
    return DEFAULT;
  }
}

function readLook(stored: object): Look {
  const { theme, density, singleKeys, sidebar } = { ...DEFAULT, ...stored };
  return {
    theme: theme === "light" || theme === "dark" ? theme : "system",
    density: density === "compact" ? "compact" : "normal",
    singleKeys: singleKeys !== false,
    sidebar: sidebar !== false,
  };
}
