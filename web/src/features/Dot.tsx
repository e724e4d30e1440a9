import { adjustColor, isColor } from "../domain/color.ts";

/** The backgrounds that a dot stands on: `--bg` of the themes. */
const LIGHT = "#ffffff";
const DARK = "#161918";

const adjusted = new Map<string, string>();

/** The color of a category: a dot of 8 px, never a text or a background. */
export function Dot({ color }: { color: string | null }) {
  return <span class="dot" style={color ? { background: adjust(color) } : {}} />;
}

/** The color with enough contrast in both themes. */
function adjust(color: string): string {
  const known = adjusted.get(color);
  if (known) return known;
  const made = isColor(color)
    ? `light-dark(${adjustColor(color, LIGHT)}, ${adjustColor(color, DARK)})`
    : "";
  adjusted.set(color, made);
  return made;
}
