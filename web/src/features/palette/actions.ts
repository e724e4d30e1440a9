/** The actions of the command palette: those of the app, and those on the tasks of the list. */
import { type TextKey, t } from "../../i18n/translate.ts";
import { type Command, findKey } from "../../keys/table.ts";
import type { Replica } from "../../replica/replica.ts";
import type { IconName } from "../../ui/Icon.tsx";
import { changeLook, look, toggleTheme } from "../look.ts";
import { canEdit } from "../people.tsx";
import { runGlobal } from "../shell/commands.ts";
import { runListCommand } from "../tasklist/commands.ts";
import { shownList } from "../tasklist/order.ts";
import { getTargets } from "../tasklist/state.ts";

export interface PaletteAction {
  readonly id: string;
  readonly label: string;
  readonly icon: IconName;
  readonly shortcut?: string | undefined;
  readonly run: () => void;
}

const EVERYWHERE: readonly [Command, IconName][] = [
  ["add", "plus"],
  ["undo", "undo"],
  ["redo", "repeat"],
  ["sidebar", "browse"],
  ["help", "keyboard"],
];

const ON_TASKS: readonly [Command, IconName][] = [
  ["complete", "check"],
  ["today", "today"],
  ["tomorrow", "calendar"],
  ["date", "calendar"],
  ["noDate", "x"],
  ["priority1", "flag"],
  ["priority2", "flag"],
  ["priority3", "flag"],
  ["priority4", "flag"],
  ["priority5", "flag"],
  ["category", "category"],
  ["tags", "at"],
  ["assign", "user"],
  ["status", "status"],
  ["editTitle", "edit"],
  ["addBelow", "plus"],
  ["copyLink", "link"],
  ["trash", "trash"],
];

/** The actions that can be run now. Those on tasks apply to the selection or the active task. */
export function listActions(replica: Replica): PaletteAction[] {
  const onTasks = canEdit(replica) ? listTaskActions() : [];
  return [...onTasks, ...listAppActions(replica)];
}

function listTaskActions(): PaletteAction[] {
  const list = shownList.value;
  if (list === null || getTargets(list.state).length === 0) return [];
  return ON_TASKS.map(([command, icon]) =>
    makeAction(command, icon, () => runListCommand(command, list)),
  );
}

function listAppActions(replica: Replica): PaletteAction[] {
  const isCompact = look.value.density === "compact";
  return [
    ...EVERYWHERE.filter(([command]) => command !== "add" || canEdit(replica)).map(
      ([command, icon]) => makeAction(command, icon, () => runGlobal(command, replica)),
    ),
    { id: "theme", label: t("nav.theme"), icon: "theme", run: toggleTheme },
    {
      id: "compact",
      label: t(isCompact ? "palette.normalRows" : "nav.compact"),
      icon: "list",
      run: () => changeLook({ density: isCompact ? "normal" : "compact" }),
    },
  ];
}

function makeAction(command: Command, icon: IconName, run: () => void): PaletteAction {
  const key: TextKey = `keys.command.${command}`;
  return { id: command, label: t(key), icon, shortcut: findKey(command), run };
}
