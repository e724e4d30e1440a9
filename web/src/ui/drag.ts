/**
 * Dragging with the mouse. It knows no task: an area says what can be dragged and where it goes.
 *
 * The library is loaded when the pointer first reaches something that can be dragged, so never on a
 * touch screen, where a drag would compete with scrolling. Esc cancels (by the browser).
 */
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** A point in CSS pixels of the window. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface DragArea {
  /** Nothing can be dragged. */
  readonly disabled?: boolean;
  /** A selector of what is dragged. */
  readonly item: string;
  /** A selector of the part of an item that begins the drag. Without it, the whole item does. */
  readonly handle?: string;
  /** A drag begins. The element is that of the item. */
  onStart: (item: HTMLElement) => void;
  /** The pointer is over the area, above an element of it. Called for each frame. */
  onOver: (point: Point, above: Element) => void;
  /** The pointer left the area. */
  onLeave: () => void;
  /** The drag ended: in the area, or elsewhere or by Esc, which changes nothing. */
  onEnd: (dropped: boolean) => void;
}

const load = () => import("@atlaskit/pragmatic-drag-and-drop/element/adapter");
type Library = Awaited<ReturnType<typeof load>>;
let loaded: Promise<Library> | null = null;

/** The library. A failed load is tried again the next time. */
function loadOnce(): Promise<Library> {
  loaded ??= load().catch((error: unknown) => {
    loaded = null;
    throw error;
  });
  return loaded;
}

/** Let the items of an element be dragged inside it. */
export function useDragArea(box: RefObject<HTMLElement | null>, area: DragArea): void {
  const latest = useRef(area);
  latest.current = area;
  useEffect(() => {
    const element = box.current;
    return element ? watchArea(element, () => latest.current) : undefined;
  }, [box]);
}

function watchArea(element: HTMLElement, getArea: () => DragArea): () => void {
  let armed: { item: HTMLElement; disarm: () => void } | null = null;
  let stopTarget = () => {};
  let isDragging = false;
  let isWatched = true;
  const report = ({ clientX: x, clientY: y }: { clientX: number; clientY: number }) => {
    const above = document.elementFromPoint(x, y);
    if (above && element.contains(above)) getArea().onOver({ x, y }, above);
  };
  const arm = (library: Library, item: HTMLElement, handle: Element | null) => {
    if (isDragging || armed?.item === item) return;
    armed?.disarm();
    const disarm = library.draggable({
      element: item,
      ...(handle && { dragHandle: handle }),
      onDragStart: () => {
        isDragging = true;
        getArea().onStart(item);
      },
      onDrop: ({ location }) => {
        isDragging = false;
        const dropped = location.current.dropTargets.some((target) => target.element === element);
        // The library reports moves once per frame: the last one may not have been reported.
        if (dropped) report(location.current.input);
        getArea().onEnd(dropped);
      },
    });
    armed = { item, disarm };
  };
  const watchTarget = (library: Library) =>
    library.dropTargetForElements({
      element,
      canDrop: ({ source }) => element.contains(source.element) || isDragging,
      onDrag: ({ location }) => report(location.current.input),
      onDragLeave: () => getArea().onLeave(),
    });
  const enter = (event: PointerEvent) => {
    if (event.pointerType !== "mouse" || !(event.target instanceof Element)) return;
    const { item: selector, handle, disabled } = getArea();
    if (disabled) return;
    const item = event.target.closest<HTMLElement>(selector);
    const grip = handle === undefined ? null : event.target.closest(handle);
    if (!item || (handle !== undefined && !grip)) return;
    void loadOnce().then((library) => {
      if (!isWatched) return;
      if (armed === null) stopTarget = watchTarget(library);
      arm(library, item, grip);
    }, console.error);
  };
  element.addEventListener("pointerover", enter);
  return () => {
    isWatched = false;
    element.removeEventListener("pointerover", enter);
    armed?.disarm();
    stopTarget();
  };
}
