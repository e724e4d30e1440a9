/**
 * The keyboard table: which key runs which command, and where.
 *
 * Keys are matched by the character they type, not by their place on the keyboard, so that they
 * work on every layout. `Mod` is Ctrl, and ⌘ on a Mac. A chord such as `g t` is two keys in turn.
 */

/** Where a key works. `everywhere` includes the other places, `board` is also a calendar. */
export type KeyScope = "board" | "everywhere" | "list" | "panel" | "trash";

export type Command =
  | "add"
  | "addBelow"
  | "assign"
  | "carryDown"
  | "carryLeft"
  | "carryRight"
  | "carryUp"
  | "category"
  | "close"
  | "complete"
  | "copyLink"
  | "date"
  | "down"
  | "editTitle"
  | "extendDown"
  | "extendUp"
  | "first"
  | "goBoard"
  | "goInbox"
  | "goToday"
  | "goUpcoming"
  | "help"
  | "indent"
  | "last"
  | "left"
  | "moveDown"
  | "moveUp"
  | "next"
  | "nextTask"
  | "noDate"
  | "open"
  | "outdent"
  | "palette"
  | "previous"
  | "previousTask"
  | "priority1"
  | "priority2"
  | "priority3"
  | "priority4"
  | "priority5"
  | "purge"
  | "redo"
  | "restore"
  | "right"
  | "search"
  | "select"
  | "selectAll"
  | "sidebar"
  | "status"
  | "tags"
  | "today"
  | "tomorrow"
  | "trash"
  | "undo"
  | "up";

export interface Binding {
  readonly scope: KeyScope;
  readonly keys: readonly string[];
  readonly command: Command;
}

/** All keys, in the order in which the help shows them. */
export const BINDINGS: readonly Binding[] = [
  { scope: "everywhere", keys: ["q"], command: "add" },
  { scope: "everywhere", keys: ["Mod+k"], command: "palette" },
  { scope: "everywhere", keys: ["/"], command: "search" },
  { scope: "everywhere", keys: ["g t"], command: "goToday" },
  { scope: "everywhere", keys: ["g u"], command: "goUpcoming" },
  { scope: "everywhere", keys: ["g i"], command: "goInbox" },
  { scope: "everywhere", keys: ["g b"], command: "goBoard" },
  { scope: "everywhere", keys: ["m"], command: "sidebar" },
  { scope: "everywhere", keys: ["Mod+z"], command: "undo" },
  { scope: "everywhere", keys: ["Mod+Shift+z"], command: "redo" },
  { scope: "everywhere", keys: ["?"], command: "help" },
  { scope: "list", keys: ["ArrowDown", "j"], command: "next" },
  { scope: "list", keys: ["ArrowUp", "k"], command: "previous" },
  { scope: "list", keys: ["Home"], command: "first" },
  { scope: "list", keys: ["End"], command: "last" },
  { scope: "list", keys: ["Enter"], command: "open" },
  { scope: "list", keys: ["c"], command: "complete" },
  { scope: "list", keys: ["e"], command: "editTitle" },
  { scope: "list", keys: ["a"], command: "addBelow" },
  { scope: "list", keys: ["1"], command: "priority1" },
  { scope: "list", keys: ["2"], command: "priority2" },
  { scope: "list", keys: ["3"], command: "priority3" },
  { scope: "list", keys: ["4"], command: "priority4" },
  { scope: "list", keys: ["5"], command: "priority5" },
  { scope: "list", keys: ["d"], command: "date" },
  { scope: "list", keys: ["t"], command: "today" },
  { scope: "list", keys: ["w"], command: "tomorrow" },
  { scope: "list", keys: ["0"], command: "noDate" },
  { scope: "list", keys: ["v"], command: "category" },
  { scope: "list", keys: ["l"], command: "tags" },
  { scope: "list", keys: ["r"], command: "assign" },
  { scope: "list", keys: ["s"], command: "status" },
  { scope: "list", keys: ["x"], command: "select" },
  { scope: "list", keys: ["Shift+ArrowDown"], command: "extendDown" },
  { scope: "list", keys: ["Shift+ArrowUp"], command: "extendUp" },
  { scope: "list", keys: ["Mod+a"], command: "selectAll" },
  { scope: "list", keys: ["Alt+ArrowUp"], command: "moveUp" },
  { scope: "list", keys: ["Alt+ArrowDown"], command: "moveDown" },
  { scope: "list", keys: ["Alt+ArrowRight"], command: "indent" },
  { scope: "list", keys: ["Alt+ArrowLeft"], command: "outdent" },
  { scope: "list", keys: ["Delete", "Backspace"], command: "trash" },
  { scope: "list", keys: ["y"], command: "copyLink" },
  { scope: "board", keys: ["ArrowLeft"], command: "left" },
  { scope: "board", keys: ["ArrowRight"], command: "right" },
  { scope: "board", keys: ["ArrowUp", "k"], command: "up" },
  { scope: "board", keys: ["ArrowDown", "j"], command: "down" },
  { scope: "board", keys: ["Alt+ArrowLeft"], command: "carryLeft" },
  { scope: "board", keys: ["Alt+ArrowRight"], command: "carryRight" },
  { scope: "board", keys: ["Alt+ArrowUp"], command: "carryUp" },
  { scope: "board", keys: ["Alt+ArrowDown"], command: "carryDown" },
  { scope: "panel", keys: ["Mod+Enter"], command: "close" },
  { scope: "panel", keys: ["Mod+ArrowDown"], command: "nextTask" },
  { scope: "panel", keys: ["Mod+ArrowUp"], command: "previousTask" },
  { scope: "trash", keys: ["r"], command: "restore" },
  { scope: "trash", keys: ["Delete", "Backspace"], command: "purge" },
];

/** The first key of a command, for menus and `aria-keyshortcuts`. */
export function findKey(command: Command): string | undefined {
  return BINDINGS.find((binding) => binding.command === command)?.keys[0];
}
