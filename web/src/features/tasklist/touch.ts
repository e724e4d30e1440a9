import type { HTMLAttributes } from "preact";

/** How far a finger must travel along the row until a swipe counts, in pixels. */
const SWIPE_PX = 72;
/** A finger that moves further than this across the row scrolls. */
const DRIFT_PX = 24;
const LONG_PRESS_MS = 500;

export interface TouchActions {
  /** A swipe to the end of the line of text (to the right in English). */
  forward: (id: string) => void;
  /** A swipe back. */
  back: (id: string, row: HTMLElement) => void;
  longPress: (id: string) => void;
}

type Handlers = Pick<
  HTMLAttributes<HTMLElement>,
  "onTouchStart" | "onTouchMove" | "onTouchEnd" | "onTouchCancel"
>;

export interface RowTouch {
  handlers: (id: string) => Handlers;
}

/** Touch on rows: swipes and long press. The row follows the finger. */
export function createRowTouch(actions: TouchActions): RowTouch {
  let start: { x: number; y: number; timer: ReturnType<typeof setTimeout> } | null = null;
  const stop = (row: HTMLElement) => {
    if (start) clearTimeout(start.timer);
    start = null;
    row.style.translate = "";
  };
  return {
    handlers: (id) => ({
      onTouchStart: (event) => {
        const [finger] = event.touches;
        const row = event.currentTarget;
        if (!finger || event.touches.length > 1) return stop(row);
        const timer = setTimeout(() => {
          stop(row);
          actions.longPress(id);
        }, LONG_PRESS_MS);
        start = { x: finger.clientX, y: finger.clientY, timer };
      },
      onTouchMove: (event) => {
        const [finger] = event.touches;
        const row = event.currentTarget;
        if (!start || !finger) return;
        const along = finger.clientX - start.x;
        const across = finger.clientY - start.y;
        if (Math.abs(across) > DRIFT_PX) return stop(row);
        if (Math.abs(along) > DRIFT_PX / 2) {
          clearTimeout(start.timer);
          row.style.translate = `${along}px 0`;
        }
      },
      onTouchEnd: (event) => {
        const row = event.currentTarget;
        const [finger] = event.changedTouches;
        const along = start && finger ? finger.clientX - start.x : 0;
        const rtl = getComputedStyle(row).direction === "rtl";
        stop(row);
        if (Math.abs(along) < SWIPE_PX) return;
        if (event.cancelable) event.preventDefault();
        if (along > 0 !== rtl) actions.forward(id);
        else actions.back(id, row);
      },
      onTouchCancel: (event) => stop(event.currentTarget),
    }),
  };
}
