/** What the keys of a list do. */
import { indentTask, outdentTask, reorderTask } from "../../actions/move.ts";
import { addDays } from "../../domain/days.ts";
import type { Priority } from "../../domain/rows.ts";
import { t } from "../../i18n/translate.ts";
import type { Command } from "../../keys/table.ts";
import { setQuery } from "../../ui/location.tsx";
import { showToast } from "../../ui/Toast.tsx";
import type { App } from "../app.ts";
import { taskPath } from "../paths.ts";
import { canEdit } from "../people.tsx";
import { openQuickAdd, type QuickAddDefaults } from "../quickadd/state.ts";
import { edit, setDay, toggleDone, trash } from "./edits.ts";
import { getTargets, type ListState, type MenuKind, selectRange, toggle } from "./state.ts";

export interface ListContext {
  readonly app: App;
  readonly state: ListState;
  /** The ids of the tasks, in the order of the list. */
  readonly order: readonly string[];
  /** The keys of all lines that can have the focus. */
  readonly lines: readonly string[];
  /** The element of a line, to open a box beside it. */
  readonly find: (key: string) => HTMLElement | null;
  /** Whether the list is in the manual order, so that tasks can be moved in it. */
  readonly ordered: boolean;
  /** What a task that is added below another one gets, besides what the page gives. */
  readonly addDefaults: (id: string) => QuickAddDefaults;
  /** The commands of a board, tried before those of lists. Returns whether it is one. */
  readonly board?: (command: Command) => boolean;
}

const MENUS: Partial<Record<Command, MenuKind>> = {
  assign: "assign",
  category: "category",
  date: "date",
  status: "status",
  tags: "tags",
};

const STEPS: Partial<Record<Command, number>> = {
  next: 1,
  previous: -1,
  first: Number.NEGATIVE_INFINITY,
  last: Number.POSITIVE_INFINITY,
};

/** Run a command of the list. Returns whether it is one. */
export function runListCommand(command: Command, context: ListContext): boolean {
  if (context.board?.(command)) return true;
  const step = STEPS[command];
  const menu = MENUS[command];
  const mayEdit = canEdit(context.app.replica);
  if (step !== undefined) focusStep(context, step);
  else if (menu && mayEdit) openMenu(context, menu);
  else {
    const isDone = mayEdit && (runSelection(command, context) || runEdit(command, context));
    return isDone || runOnActive(command, context);
  }
  return true;
}

function focusStep({ state, lines }: ListContext, step: number): void {
  const at = lines.indexOf(state.active.peek() ?? "");
  const target = Math.max(0, Math.min(at + step, lines.length - 1));
  state.active.value = lines[target] ?? null;
}

/** Open a box for the targets, beside the active row. */
export function openMenu({ app, state, find }: ListContext, kind: MenuKind): void {
  // The active line may be none of a task.
  const ids = getTargets(state).filter((id) => app.replica.task(id) !== undefined);
  const anchor = find(state.active.peek() ?? ids[0] ?? "");
  if (ids.length > 0 && anchor) state.menu.value = { kind, ids, anchor };
}

function runSelection(command: Command, context: ListContext): boolean {
  const { state, order } = context;
  const active = state.active.peek();
  switch (command) {
    case "select":
      if (active && order.includes(active)) toggle(state.selected, active);
      state.anchor = active;
      return true;
    case "selectAll":
      state.selected.value = new Set(order);
      return true;
    case "extendDown":
    case "extendUp": {
      state.anchor ??= active;
      focusStep(context, command === "extendDown" ? 1 : -1);
      const now = state.active.peek();
      if (now) selectRange(state, order, now);
      return true;
    }
    default:
      return false;
  }
}

function runEdit(command: Command, context: ListContext): boolean {
  const { app, state } = context;
  const { replica, clock } = app;
  const ids = getTargets(state);
  const today = clock.today.peek();
  const priority = /^priority([1-5])$/.exec(command)?.[1];
  if (priority) {
    void edit(replica, ids, { priority: Number(priority) as Priority });
    return true;
  }
  switch (command) {
    case "complete":
      void toggleDone(replica, ids);
      return true;
    case "today":
      void setDay(replica, ids, today);
      return true;
    case "tomorrow":
      void setDay(replica, ids, addDays(today, 1));
      return true;
    case "noDate":
      void setDay(replica, ids, null);
      return true;
    case "trash":
      void trash(replica, ids);
      state.selected.value = new Set();
      return true;
    default:
      return runEditOfActive(command, context);
  }
}

function runEditOfActive(command: Command, context: ListContext): boolean {
  const { app, state } = context;
  const id = state.active.peek();
  if (id === null || !app.replica.task(id)) return false;
  switch (command) {
    case "editTitle":
      state.editing.value = id;
      return true;
    case "addBelow":
      openQuickAdd({ ...context.addDefaults(id), place: { after: id } });
      return true;
    default:
      return runMove(command, id, context);
  }
}

/** What a viewer can do, too. */
function runOnActive(command: Command, { app, state }: ListContext): boolean {
  const id = state.active.peek();
  if (id === null || !app.replica.task(id)) return false;
  if (command === "open") setQuery("task", id);
  else if (command === "copyLink") copyLink(app, id);
  else return false;
  return true;
}

function runMove(command: Command, id: string, context: ListContext): boolean {
  const { app, order, ordered } = context;
  const { replica } = app;
  switch (command) {
    case "moveUp":
    case "moveDown":
      if (ordered) void reorderTask(replica, id, command === "moveUp" ? -1 : 1, order);
      return true;
    case "indent":
      void indentTask(replica, id, order);
      return true;
    case "outdent":
      void outdentTask(replica, id);
      return true;
    default:
      return false;
  }
}

/** Put the address of a task on the clipboard. */
export function copyLink({ replica }: App, id: string): void {
  const row = replica.task(id);
  if (!row) return;
  void navigator.clipboard?.writeText(window.location.origin + taskPath(row));
  showToast({ text: t("toast.linkCopied") });
}
