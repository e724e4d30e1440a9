/** Mounts the app on the example data in a document of happy-dom. */
import { render } from "preact";
import { act } from "preact/test-utils";
import { startClock } from "../../src/features/clock.ts";
import { openedQuickAdd } from "../../src/features/quickadd/state.ts";
import { kept } from "../../src/features/tasklist/kept.ts";
import en from "../../src/i18n/en.json";
import { useCatalogue } from "../../src/i18n/translate.ts";
import { App } from "../../src/routes/App.tsx";
import { navigate } from "../../src/ui/location.tsx";
import { toast } from "../../src/ui/Toast.tsx";
import { HARBOUR, NOW } from "./harbour.ts";
import { NO_SERVER } from "./http.ts";
import { type Example, ExampleReplica } from "./replica.ts";

export interface Mounted {
  replica: ExampleReplica;
  /** The first element that a selector finds. Throws if there is none. */
  get: (selector: string) => HTMLElement;
  has: (selector: string) => boolean;
  /** The titles of the rows, in order. */
  titles: () => string[];
  click: (selector: string) => Promise<void>;
  /** Press a key on the element that has the focus. */
  press: (key: string, modifiers?: KeyboardEventInit) => Promise<void>;
  focus: (selector: string) => Promise<void>;
  /** Type into a field, at its end. */
  type: (selector: string, text: string) => Promise<void>;
  unmount: () => void;
}

/** Show a page of the app. */
export async function mount(path: string, example: Partial<Example> = {}): Promise<Mounted> {
  useCatalogue("en", en);
  kept.value = new Map();
  toast.value = null;
  openedQuickAdd.value = null;
  document.body.innerHTML = "";
  const box = document.body.appendChild(document.createElement("div"));
  const replica = new ExampleReplica({ ...HARBOUR, ...example });
  const zone = replica.person.time_zone;
  const clock = startClock(zone, { now: () => NOW, after: () => () => {} });
  const app = { replica, clock, http: NO_SERVER, signOut: async () => {} };
  navigate(path);
  await act(async () => render(<App app={app} />, box));
  const get = (selector: string) => {
    const found = document.querySelector<HTMLElement>(selector);
    if (!found) throw new Error(`There is no ${selector}.`);
    return found;
  };
  return {
    replica,
    get,
    has: (selector) => document.querySelector(selector) !== null,
    titles: () =>
      [...document.querySelectorAll(".row .c-title")].map((title) => title.textContent.trim()),
    click: async (selector) => {
      await act(async () => get(selector).click());
      await settle();
    },
    focus: async (selector) => act(async () => get(selector).focus()),
    press: async (key, modifiers = {}) => {
      const event = new KeyboardEvent("keydown", {
        key,
        bubbles: true,
        cancelable: true,
        ...modifiers,
      });
      await act(async () => {
        (document.activeElement ?? document.body).dispatchEvent(event);
      });
      await settle();
    },
    type: async (selector, text) =>
      act(async () => {
        const field = get(selector);
        if (!(field instanceof HTMLTextAreaElement) && !(field instanceof HTMLInputElement)) return;
        field.focus();
        field.value += text;
        field.setSelectionRange(field.value.length, field.value.length);
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }),
    unmount: () => render(null, box),
  };
}

/** Let the changes that wait for the replica be shown. */
async function settle(): Promise<void> {
  await act(async () => {});
}

/** The selector of the row of a task of the example. */
export function row(letter: string): string {
  return `[data-key="task-${letter}"]`;
}
