import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { placeBox } from "./place.ts";

export interface PopoverProps {
  /** The control that opened the box. The focus returns to it. */
  anchor: HTMLElement;
  label: string;
  role: "menu" | "dialog" | "listbox";
  class?: string;
  /** The end of the box is in line with the end of the anchor. */
  fromEnd?: boolean;
  onClose: () => void;
  children: ComponentChildren;
}

/**
 * A box that floats above the page until the person chooses, presses Esc or clicks elsewhere.
 *
 * It uses the Popover API: the browser puts it above everything and closes it. On phones it is a
 * sheet at the bottom (by styles).
 */
export function Popover(props: PopoverProps) {
  const { anchor, fromEnd = false, onClose } = props;
  const box = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    element.showPopover();
    focusFirst(element);
    const place = () => {
      const view = { width: window.innerWidth, height: window.innerHeight };
      const size = { width: element.offsetWidth, height: element.offsetHeight };
      const rtl = getComputedStyle(anchor).direction === "rtl";
      const { left, top } = placeBox(anchor.getBoundingClientRect(), size, view, fromEnd !== rtl);
      element.style.left = `${left}px`;
      element.style.top = `${top}px`;
    };
    place();
    const observer = new ResizeObserver(place);
    observer.observe(element);
    return () => observer.disconnect();
  }, [anchor, fromEnd]);

  useEffect(() => {
    const element = box.current;
    const toggled = (event: ToggleEvent) => {
      if (event.newState === "closed") close.current();
    };
    element?.addEventListener("toggle", toggled);
    return () => {
      element?.removeEventListener("toggle", toggled);
      // The browser returns the focus only when it closes the box itself.
      if (element?.contains(document.activeElement) || document.activeElement === document.body) {
        anchor.focus({ preventScroll: true });
      }
    };
  }, [anchor]);

  const names = ["menu", "popover", props.class].filter(Boolean).join(" ");
  return (
    <div ref={box} popover="auto" class={names} role={props.role} aria-label={props.label}>
      {props.children}
    </div>
  );
}

function focusFirst(element: HTMLElement): void {
  const wanted =
    element.querySelector<HTMLElement>("[data-autofocus]") ??
    element.querySelector<HTMLElement>("input, button:not([tabindex='-1'])");
  wanted?.focus({ preventScroll: true });
}
