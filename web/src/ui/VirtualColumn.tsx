import {
  defaultRangeExtractor,
  elementScroll,
  measureElement,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from "@tanstack/virtual-core";
import type { ComponentChildren, RefObject } from "preact";
import { useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import { usePrinting, type VirtualListHandle, withActive } from "./VirtualList.tsx";

export interface VirtualColumnProps {
  /** The name of the grid. */
  label: string;
  class?: string;
  count: number;
  /** The same key for the same row, so that its measured height and its elements are kept. */
  getKey: (index: number) => string;
  /** The height of a row in pixels, until it is measured. */
  estimate: number;
  /** The space between rows, in pixels. */
  gap?: number;
  /** A row that stays in the document while it is out of view, because it has the focus. */
  activeIndex: number;
  renderRow: (index: number) => ComponentChildren;
  /** Gets the function that scrolls a row into view. */
  handle?: RefObject<VirtualListHandle>;
  onKeyDown?: (event: KeyboardEvent) => void;
}

const OVERSCAN = 5;

/** A grid of rows of which only those in view are in the document. The box scrolls by itself. */
export function VirtualColumn(props: VirtualColumnProps) {
  const box = useRef<HTMLDivElement>(null);
  const list = useVirtualizer(box, props);
  const printing = usePrinting();
  if (props.handle) {
    props.handle.current = { scrollTo: (index) => list.scrollToIndex(index, { align: "auto" }) };
  }
  const rows = printing
    ? [...Array(props.count).keys()].map((index) => (
        <div key={props.getKey(index)} role="presentation">
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
          style={{ transform: `translateY(${item.start}px)` }}
        >
          {props.renderRow(item.index)}
        </div>
      ));
  const height = printing ? "auto" : `${list.getTotalSize()}px`;
  return (
    <div
      ref={box}
      class={["scroll-list", props.class].filter(Boolean).join(" ")}
      role="grid"
      aria-label={props.label}
      aria-rowcount={props.count}
      aria-multiselectable="true"
      onKeyDown={props.onKeyDown}
    >
      <div class="scroll-size" role="presentation" style={{ blockSize: height }}>
        {rows}
      </div>
    </div>
  );
}

/** A box that is not shown yet has no height: the rows of the expected height stay. */
const observeVisibleRect: typeof observeElementRect = (instance, callBack) =>
  observeElementRect(instance, (rect) => {
    if (rect.height > 0) callBack(rect);
  });

function useVirtualizer(
  box: RefObject<HTMLDivElement | null>,
  props: VirtualColumnProps,
): Virtualizer<HTMLElement, HTMLElement> {
  const [, render] = useReducer((count: number) => count + 1, 0);
  const options = {
    count: props.count,
    getItemKey: props.getKey,
    estimateSize: () => props.estimate,
    getScrollElement: () => box.current,
    observeElementRect: observeVisibleRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    measureElement,
    overscan: OVERSCAN,
    gap: props.gap ?? 0,
    initialRect: { width: 288, height: 600 },
    rangeExtractor: (range: Parameters<typeof defaultRangeExtractor>[0]) =>
      withActive(defaultRangeExtractor(range), props.activeIndex, props.count),
    onChange: () => render(null),
  };
  const [list] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options));
  list.setOptions(options);
  useLayoutEffect(() => list._didMount(), [list]);
  useLayoutEffect(() => list._willUpdate());
  return list;
}
