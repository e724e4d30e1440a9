/** What the keys that work everywhere do. */
import { t } from "../../i18n/translate.ts";
import type { Command } from "../../keys/table.ts";
import type { Replica } from "../../replica/replica.ts";
import { navigate } from "../../ui/location.tsx";
import { showToast } from "../../ui/Toast.tsx";
import { helpOpen } from "../help/state.ts";
import { changeLook, look } from "../look.ts";
import { paletteOpen } from "../palette/state.ts";
import { PATHS } from "../paths.ts";
import { openQuickAdd } from "../quickadd/state.ts";
import { focusSearch } from "../search/state.ts";

/** Run a command that works everywhere. Returns whether it is one. */
export function runGlobal(command: Command, replica: Replica): boolean {
  switch (command) {
    case "add":
      openQuickAdd();
      return true;
    case "palette":
      paletteOpen.value = true;
      return true;
    case "search":
      navigate(PATHS.search);
      focusSearch();
      return true;
    case "goToday":
      navigate(PATHS.today);
      return true;
    case "goUpcoming":
      navigate(PATHS.upcoming);
      return true;
    case "goBoard":
      navigate(PATHS.board);
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
