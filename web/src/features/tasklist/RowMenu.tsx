import { type TextKey, t } from "../../i18n/translate.ts";
import { showKey } from "../../keys/show.ts";
import { type Command, findKey } from "../../keys/table.ts";
import type { IconName } from "../../ui/Icon.tsx";
import { Menu, type MenuItem } from "../../ui/Menu.tsx";
import { getRows } from "../rows.ts";
import { type ListContext, runListCommand } from "./commands.ts";
import { DateMenu } from "./DateMenu.tsx";
import { isShownDone } from "./edits.ts";
import { PriorityMenu, StatusMenu } from "./menus.tsx";
import { AssigneePicker, CategoryPicker, TagPicker } from "./pickers.tsx";
import { isMac } from "./platform.ts";
import type { OpenMenu } from "./state.ts";

export interface RowMenuProps {
  menu: OpenMenu;
  context: ListContext;
}

/** The box that is open beside a row or the bar of actions. */
export function RowMenu({ menu, context }: RowMenuProps) {
  const close = () => {
    context.state.menu.value = null;
  };
  const props = { anchor: menu.anchor, ids: menu.ids, onClose: close };
  switch (menu.kind) {
    case "date":
      return <DateMenu {...props} />;
    case "category":
      return <CategoryPicker {...props} />;
    case "tags":
      return <TagPicker {...props} />;
    case "assign":
      return <AssigneePicker {...props} />;
    case "priority":
      return <PriorityMenu {...props} />;
    case "status":
      return <StatusMenu {...props} />;
    case "more":
      return <MoreMenu menu={menu} context={context} onClose={close} />;
  }
}

type SubMenuProps = RowMenuProps & { onClose: () => void };

interface Line {
  command: Command;
  label: TextKey;
  icon: IconName;
  /** Only for a single task. */
  single?: boolean;
  /** Only in the manual order. */
  ordered?: boolean;
  /** True: only on a board; false: not there. */
  board?: boolean;
  separated?: boolean;
  danger?: boolean;
}

const LINES: readonly Line[] = [
  { command: "open", label: "task.open", icon: "note", single: true },
  { command: "editTitle", label: "task.edit", icon: "edit", single: true },
  { command: "date", label: "task.date", icon: "calendar", separated: true },
  { command: "category", label: "task.categoryMenu", icon: "category" },
  { command: "tags", label: "task.tagsMenu", icon: "at" },
  { command: "assign", label: "task.assignMenu", icon: "user" },
  { command: "status", label: "task.statusMenu", icon: "status" },
  { command: "moveUp", label: "task.moveUp", icon: "arrow-up", ordered: true, separated: true },
  { command: "moveDown", label: "task.moveDown", icon: "arrow-down", ordered: true },
  { command: "indent", label: "task.indent", icon: "subtasks", ordered: true, board: false },
  { command: "outdent", label: "task.outdent", icon: "chevron-left", ordered: true, board: false },
  {
    command: "carryLeft",
    label: "board.carryLeft",
    icon: "chevron-left",
    ordered: true,
    board: true,
  },
  {
    command: "carryRight",
    label: "board.carryRight",
    icon: "chevron-right",
    ordered: true,
    board: true,
  },
  { command: "select", label: "task.select", icon: "check", single: true, separated: true },
  { command: "copyLink", label: "task.copyLink", icon: "link", single: true },
  { command: "trash", label: "task.trash", icon: "trash", separated: true, danger: true },
];

/** The menu of a row: everything that a key, a swipe or a drag does. */
function MoreMenu({ menu, context, onClose }: SubMenuProps) {
  const { app, state, ordered } = context;
  const rows = getRows(app.replica, menu.ids);
  const single = menu.ids.length === 1;
  const isDone = rows.every(isShownDone);
  const run = (command: Command) => {
    if (single) state.active.value = menu.ids[0] ?? null;
    runListCommand(command, context);
  };
  const lines = LINES.filter(
    (line) =>
      (single || !(line.single || line.ordered)) &&
      (ordered || !line.ordered) &&
      (line.board === undefined || line.board === (context.board !== undefined)),
  );
  const items: MenuItem[] = [
    {
      id: "complete",
      label: t(isDone ? "task.reopen" : "task.complete"),
      icon: "check",
      shortcut: showCommandKey("complete"),
      onSelect: () => run("complete"),
    },
    ...lines.map(({ command, label, icon, separated, danger }) => ({
      id: command,
      label: t(label),
      icon,
      separated: separated ?? false,
      danger: danger ?? false,
      shortcut: showCommandKey(command),
      onSelect: () => run(command),
    })),
  ];
  items.splice(
    items.findIndex(({ id }) => id === "category"),
    0,
    priorityItem(menu, context),
  );
  return (
    <Menu fromEnd anchor={menu.anchor} label={t("task.label")} items={items} onClose={onClose} />
  );
}

/** A menu cannot hold a menu: the priority opens in its place. */
function priorityItem(menu: OpenMenu, { state }: ListContext): MenuItem {
  const open = () => {
    state.menu.value = { ...menu, kind: "priority" };
  };
  return {
    id: "priority",
    label: t("task.priorityMenu"),
    icon: "flag",
    shortcut: "1–5",
    onSelect: open,
  };
}

function showCommandKey(command: Command): string | undefined {
  const key = findKey(command);
  return key && showKey(key, isMac());
}
