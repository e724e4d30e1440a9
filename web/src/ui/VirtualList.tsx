import {
  defaultRangeExtractor,
  measureElement,
  observeWindowOffset,
  observeWindowRect,
  Virtualizer,
  windowScroll,
} from "@tanstack/virtual-core";
import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";

export interface VirtualListProps {
  /** The name of the grid. */
  label: string;
  class?: string;
  /** Rows have levels, which `aria-level` tells. */
  tree?: boolean;
  count: number;
  /** The same key for the same row, so that its measured height and its elements are kept. */
  getKey: (index: number) => string;
  /** The height of a row in pixels, until it is measured. */
  estimate: (index: number) => number;
  /** A row that stays in the document while it is out of view, because it has the focus. */
  activeIndex: number;
  busy?: boolean;
  renderRow: (index: number) => ComponentChildren;
  /** Gets the function that scrolls a row into view. */
  handle?: RefObject<VirtualListHandle>;
  onKeyDown?: (event: KeyboardEvent) => void;
}

export interface VirtualListHandle {
  /** Scroll as little as needed to show a row. */
  scrollTo: (index: number) => void;
}

const OVERSCAN = 8;
/** What floats over the end of the window: the tab bar or a toast. */
const COVERED_PX = 80;

type WindowVirtualizer = Virtualizer<Window, HTMLElement>;

/**
 * A grid of rows of which only those in view are in the document. It scrolls with the window.
 *
 * Before printing, all rows are put into the document.
 */
export function VirtualList(props: VirtualListProps) {
  const box = useRef<HTMLDivElement>(null);
  const list = useVirtualizer(box, props);
  const printing = usePrinting();
  if (props.handle) {
    props.handle.current = { scrollTo: (index) => list.scrollToIndex(index, { align: "auto" }) };
  }
  const rows = printing
    ? [...Array(props.count).keys()].map((index) => (
        <div key={props.getKey(index)} class="list-item" role="presentation">
          {props.renderRow(index)}
        </div>
      ))
    : list.getVirtualItems().map((item) => (
        <div
          key={props.getKey(item.index)}
          class="list-item is-placed"
          role="presentation"
          data-index={item.index}
          ref={list.measureElement}
          style={{ transform: `translateY(${item.start - list.options.scrollMargin}px)` }}
        >
          {props.renderRow(item.index)}
        </div>
      ));
  const height = printing ? "auto" : `${list.getTotalSize()}px`;
  return (
    <div
      ref={box}
      class={["list", props.class].filter(Boolean).join(" ")}
      role={props.tree ? "treegrid" : "grid"}
      aria-label={props.label}
      aria-rowcount={props.count}
      aria-multiselectable="true"
      aria-busy={props.busy}
      style={{ blockSize: height }}
      onKeyDown={props.onKeyDown}
    >
      {rows}
    </div>
  );
}

function useVirtualizer(
  box: RefObject<HTMLDivElement | null>,
  props: VirtualListProps,
): WindowVirtualizer {
  const [, render] = useReducer((count: number) => count + 1, 0);
  const [margin, setMargin] = useState(0);
  const options = {
    count: props.count,
    getItemKey: props.getKey,
    estimateSize: props.estimate,
    getScrollElement: () => window,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    measureElement,
    overscan: OVERSCAN,
    scrollMargin: margin,
    scrollPaddingStart: OVERSCAN,
    scrollPaddingEnd: COVERED_PX,
    initialRect: { width: window.innerWidth, height: window.innerHeight },
    initialOffset: () => window.scrollY,
    rangeExtractor: (range: Parameters<typeof defaultRangeExtractor>[0]) =>
      withActive(defaultRangeExtractor(range), props.activeIndex, props.count),
    onChange: () => render(null),
  };
  const [list] = useState(() => new Virtualizer<Window, HTMLElement>(options));
  list.setOptions(options);
  useLayoutEffect(() => list._didMount(), [list]);
  useLayoutEffect(() => {
    list._willUpdate();
    // What is above the list may have changed its height.
    const element = box.current;
    if (element) setMargin(Math.round(element.getBoundingClientRect().top + window.scrollY));
  });
  return list;
}

/** The indexes with the active one, in order, so that the order of the document is that of the eye. */
export function withActive(indexes: number[], active: number, count: number): number[] {
  if (active < 0 || active >= count || indexes.includes(active)) return indexes;
  return [...indexes, active].sort((a, b) => a - b);
}

/** Whether the page is about to be printed: all rows must be in the document. */
export function usePrinting(): boolean {
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    const start = () => setPrinting(true);
    const end = () => setPrinting(false);
    window.addEventListener("beforeprint", start);
    window.addEventListener("afterprint", end);
    return () => {
      window.removeEventListener("beforeprint", start);
      window.removeEventListener("afterprint", end);
    };
  }, []);
  return printing;
}
