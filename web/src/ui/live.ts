import { signal } from "@preact/signals";

/** The text of the one polite live region. */
export const announcement = signal("");

/** Say a text to screen readers. The same text twice is said twice. */
export function announce(text: string): void {
  announcement.value = announcement.peek() === text ? `${text}\u00a0` : text;
}
