import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../../i18n/translate.ts";
import { matchKey, type Pending } from "../../keys/match.ts";
import type { Command } from "../../keys/table.ts";
import { navigate } from "../../ui/location.tsx";
import { showToast } from "../../ui/Toast.tsx";
import { type App, useApp } from "../app.ts";
import { helpOpen } from "../help/state.ts";
import { changeLook, look } from "../look.ts";
import { PATHS } from "../paths.ts";
import { openQuickAdd } from "../quickadd/state.ts";
import { isTyping } from "../tasklist/typing.ts";

/** Handle the keys that work everywhere. */
export function useGlobalKeys(): void {
  const app = useApp();
  const pending = useRef<Pending>(null);
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent) => {
      // A modal dialog has the keyboard for itself.
      if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
      const { singleKeys } = look.peek();
      const options = { singleKeys, typing: isTyping(event.target) };
      const match = matchKey(event, [], pending.current, options);
      pending.current = match.pending;
      if (match.command && runGlobal(match.command, app)) event.preventDefault();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [app]);
}

function runGlobal(command: Command, { replica }: App): boolean {
  switch (command) {
    case "add":
      openQuickAdd();
      return true;
    case "goToday":
      navigate(PATHS.today);
      return true;
    case "goInbox":
      navigate(PATHS.inbox);
      return true;
    case "sidebar":
      changeLook({ sidebar: !look.peek().sidebar });
      return true;
    case "help":
      helpOpen.value = true;
      return true;
    case "undo":
      void replica.undo().then(() => showToast({ text: t("toast.undone") }));
      return true;
    case "redo":
      void replica.redo().then(() => showToast({ text: t("toast.redone") }));
      return true;
    default:
      return false;
  }
}
