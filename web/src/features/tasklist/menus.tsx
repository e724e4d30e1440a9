import type { Priority, Status } from "../../domain/rows.ts";
import { t } from "../../i18n/translate.ts";
import { Menu } from "../../ui/Menu.tsx";
import { useApp } from "../app.ts";
import { getRows } from "../rows.ts";
import { edit } from "./edits.ts";
import { PriorityMark } from "./PriorityMark.tsx";
import type { PickerFor } from "./pickers.tsx";

const PRIORITIES: readonly Priority[] = [1, 2, 3, 4, 5];
const STATUSES: readonly Status[] = ["todo", "in_progress", "done", "cancelled"];

/** A priority with its number: `2 · High`. */
export function namePriority(priority: Priority): string {
  return t("priority.label", { number: priority, name: t(`priority.${priority}`) });
}

/** Choose the priority of tasks. */
export function PriorityMenu({ anchor, ids, onClose }: PickerFor) {
  const { replica } = useApp();
  const rows = getRows(replica, ids);
  const items = PRIORITIES.map((priority) => ({
    id: String(priority),
    label: namePriority(priority),
    mark: <PriorityMark priority={priority} />,
    checked: rows.every((row) => row.priority === priority),
    shortcut: String(priority),
    onSelect: () => void edit(replica, ids, { priority }),
  }));
  return <Menu anchor={anchor} label={t("task.priority")} items={items} onClose={onClose} />;
}

/** Choose the status of tasks. */
export function StatusMenu({ anchor, ids, onClose }: PickerFor) {
  const { replica } = useApp();
  const rows = getRows(replica, ids);
  const items = STATUSES.map((status) => ({
    id: status,
    label: t(`status.${status}`),
    checked: rows.every((row) => row.status === status),
    onSelect: () => void edit(replica, ids, { status }),
  }));
  return <Menu anchor={anchor} label={t("task.status")} items={items} onClose={onClose} />;
}
