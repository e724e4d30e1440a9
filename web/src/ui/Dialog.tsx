import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

export interface DialogProps {
  title: string;
  /** `alertdialog` asks before something is lost. */
  role?: "dialog" | "alertdialog";
  class?: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** A modal dialog. The browser keeps the focus inside it, and Esc closes it. */
export function Dialog({ title, role = "dialog", class: extra, onClose, children }: DialogProps) {
  const id = useId();
  const element = useModal(onClose);
  return (
    <dialog
      ref={element}
      class={["dialog", extra].filter(Boolean).join(" ")}
      role={role}
      aria-labelledby={id}
    >
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

export interface SheetProps {
  label: string;
  class?: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** A modal box without a title: a sheet at the bottom of a phone, a box near the top elsewhere. */
export function Sheet({ label, class: extra, onClose, children }: SheetProps) {
  const element = useModal(onClose);
  return (
    <dialog ref={element} class={["sheet", extra].filter(Boolean).join(" ")} aria-label={label}>
      {children}
    </dialog>
  );
}

/** A modal box that brings its own look, such as the command palette. */
export function ModalBox({ label, class: extra, onClose, children }: SheetProps) {
  const element = useModal(onClose);
  return (
    <dialog ref={element} class={extra} aria-label={label}>
      {children}
    </dialog>
  );
}

function useModal(onClose: () => void) {
  const element = useRef<HTMLDialogElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const dialog = element.current;
    if (!dialog) return;
    const opener = document.activeElement;
    dialog.showModal();
    const closed = () => close.current();
    // A click on the backdrop has the dialog itself as its target.
    const clicked = (event: MouseEvent) => {
      if (event.target === dialog && isOutside(event, dialog)) close.current();
    };
    dialog.addEventListener("close", closed);
    dialog.addEventListener("mousedown", clicked);
    return () => {
      dialog.removeEventListener("close", closed);
      dialog.removeEventListener("mousedown", clicked);
      dialog.close();
      if (opener instanceof HTMLElement) opener.focus({ preventScroll: true });
    };
  }, []);
  return element;
}

function isOutside(event: MouseEvent, dialog: HTMLElement): boolean {
  const box = dialog.getBoundingClientRect();
  const { clientX: x, clientY: y } = event;
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}
