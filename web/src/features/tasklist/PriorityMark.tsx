import type { Priority } from "../../domain/rows.ts";

/** A ring in the color of a priority, for menus. */
export function PriorityMark({ priority }: { priority: Priority }) {
  return <span class={`ring ring-sm p${priority}`} aria-hidden="true" />;
}
