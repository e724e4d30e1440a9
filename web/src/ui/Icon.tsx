import { ICONS, type IconName } from "./icons.ts";

export type { IconName } from "./icons.ts";

/** Icons that point along the line of text. They are mirrored where text runs from right to left. */
const DIRECTED: ReadonlySet<IconName> = new Set(["chevron-left", "chevron-right", "enter", "undo"]);

/** A drawn icon, 16 px. It has no name of its own: the control around it has one. */
export function Icon({ name, class: extra = "" }: { name: IconName; class?: string }) {
  const [stroke, fill]: readonly [string, string?] = ICONS[name];
  const names = ["icon", DIRECTED.has(name) ? "is-directed" : "", extra].filter(Boolean).join(" ");
  return (
    <svg class={names} viewBox="0 0 16 16" aria-hidden="true">
      <path d={stroke} />
      {fill && <path d={fill} fill="currentColor" stroke="none" />}
    </svg>
  );
}
