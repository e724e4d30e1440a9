import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../i18n/translate.ts";
import { Icon } from "./Icon.tsx";
import { announce, announcement } from "./live.ts";

export interface ToastContent {
  text: string;
  action?: { label: string; run: () => void };
}

/** The toast that is shown. There is one at most: a new one replaces it. */
export const toast = signal<ToastContent | null>(null);

/** Long enough to read a title and to press Undo. Hover and focus keep the toast. */
const SHOWN_MS = 8000;

/** Show a toast, and say its text. */
export function showToast(content: ToastContent): void {
  toast.value = content;
  announce(content.text);
}

/** The place of the toast, and the live region. Is mounted once. */
export function ToastRegion() {
  const content = toast.value;
  useEffect(() => {
    if (!content) return;
    const timer = setTimeout(() => {
      if (toast.peek() === content && !isKept()) toast.value = null;
    }, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [content]);
  return (
    <>
      <p class="sr" role="status">
        {announcement.value}
      </p>
      {content && <ToastBox content={content} />}
    </>
  );
}

function ToastBox({ content }: { content: ToastContent }) {
  const close = () => {
    toast.value = null;
  };
  return (
    <aside class="toast" aria-label={t("ui.message")} onMouseLeave={close}>
      <span class="t">{content.text}</span>
      {content.action && (
        <button
          type="button"
          onClick={() => {
            close();
            content.action?.run();
          }}
        >
          {content.action.label}
        </button>
      )}
      <button class="x" type="button" aria-label={t("ui.close")} onClick={close}>
        <Icon name="x" />
      </button>
    </aside>
  );
}

function isKept(): boolean {
  return document.querySelector(".toast:hover, .toast:focus-within") !== null;
}
