import type { TaskRow as Row } from "../../domain/rows.ts";
import { t } from "../../i18n/translate.ts";
import { Checkbox } from "../../ui/Checkbox.tsx";
import { useApp } from "../app.ts";
import { toggleDone } from "./edits.ts";
import { type ListState, toggle } from "./state.ts";

export interface RowCheckboxProps {
  row: Row;
  done: boolean;
  state: ListState;
  /** False for a viewer. */
  canEdit: boolean;
}

/** The ring that completes the task; while tasks are selected, the box that selects it. */
export function RowCheckbox({ row, done, state, canEdit }: RowCheckboxProps) {
  const { replica } = useApp();
  const tone = `p${row.priority}`;
  if (state.selected.value.size > 0) {
    return (
      <Checkbox
        shape="box"
        checked={state.selected.value.has(row.id)}
        tone={tone}
        label={t("list.selectLabel", { title: row.title })}
        inTabOrder={false}
        onToggle={() => toggle(state.selected, row.id)}
      />
    );
  }
  const priority = t("priority.said", {
    number: row.priority,
    name: t(`priority.${row.priority}`),
  });
  return (
    <Checkbox
      checked={done}
      tone={tone}
      label={t("list.completeLabel", { title: row.title, priority })}
      inTabOrder={false}
      disabled={!canEdit}
      onToggle={() => void toggleDone(replica, [row.id])}
    />
  );
}
