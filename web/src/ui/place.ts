/** Where a floating box stands: positions in CSS pixels of the window. */
export interface Position {
  left: number;
  top: number;
}

interface Size {
  width: number;
  height: number;
}

const GAP = 4;
const EDGE = 8;

/**
 * Where to put a box beside its anchor: below it, or above it where there is more room, and always
 * inside the window.
 *
 * @param anchor the rectangle of the control that opened the box.
 * @param box the size of the box.
 * @param view the size of the window.
 * @param fromEnd the end of the box is in line with the end of the anchor. The ends are right, or
 *   left where text runs from right to left.
 */
export function placeBox(
  anchor: Pick<DOMRect, "left" | "right" | "top" | "bottom">,
  box: Size,
  view: Size,
  fromEnd: boolean,
): Position {
  const below = anchor.bottom + GAP;
  const above = anchor.top - GAP - box.height;
  const fitsBelow = below + box.height <= view.height - EDGE;
  const wantedTop = fitsBelow || above < EDGE ? below : above;
  const wantedLeft = fromEnd ? anchor.right - box.width : anchor.left;
  return {
    left: clamp(wantedLeft, EDGE, view.width - box.width - EDGE),
    top: clamp(wantedTop, EDGE, view.height - box.height - EDGE),
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
