import { useLayoutEffect, useRef } from "preact/hooks";
import { matchKey, type Pending } from "../../keys/match.ts";
import { useApp } from "../app.ts";
import { look } from "../look.ts";
import { isTyping } from "../tasklist/typing.ts";
import { runGlobal } from "./commands.ts";

/** Handle the keys that work everywhere. */
export function useGlobalKeys(): void {
  const { replica } = useApp();
  const pending = useRef<Pending>(null);
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent) => {
      // A modal dialog has the keyboard for itself.
      if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
      const { singleKeys } = look.peek();
      const options = { singleKeys, typing: isTyping(event.target) };
      const match = matchKey(event, [], pending.current, options);
      pending.current = match.pending;
      if (match.command && runGlobal(match.command, replica)) event.preventDefault();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [replica]);
}
