import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { TaskRow } from "../../domain/rows.ts";
import { t } from "../../i18n/translate.ts";
import { Icon, type IconName } from "../../ui/Icon.tsx";
import { useApp } from "../app.ts";
import { Dot } from "../Dot.tsx";
import { describeDue } from "../due-label.ts";
import { Avatar, canEdit } from "../people.tsx";
import { DateMenu } from "../tasklist/DateMenu.tsx";
import { isShownDone } from "../tasklist/edits.ts";
import { PriorityMenu, StatusMenu } from "../tasklist/menus.tsx";
import { AssigneePicker, CategoryPicker, TagPicker } from "../tasklist/pickers.tsx";
import { useTags } from "../tasklist/row-label.ts";

type Field = "assign" | "category" | "date" | "priority" | "status" | "tags";

/** The fields of a task. Each opens a box to change it. */
export function Properties({ row }: { row: TaskRow }) {
  const [open, setOpen] = useState<{ field: Field; anchor: HTMLElement } | null>(null);
  const mayEdit = canEdit(useApp().replica);
  const line = (field: Field, icon: IconName, label: string, value: ComponentChildren) => (
    <button
      class="prop"
      type="button"
      disabled={!mayEdit}
      aria-haspopup="dialog"
      onClick={(event) => setOpen({ field, anchor: event.currentTarget })}
    >
      <Icon name={icon} />
      <span class="k">{label}</span>
      {value ? <span class="v">{value}</span> : <span class="v none">{t("task.none")}</span>}
    </button>
  );
  return (
    <div class="props">
      {line("date", "calendar", t("task.due"), <Due row={row} />)}
      {line("priority", "flag", t("task.priority"), <Priority row={row} />)}
      {line("category", "category", t("task.category"), useCategory(row))}
      {line("tags", "at", t("task.tags"), useTagNames(row))}
      {line("assign", "user", t("task.assigned"), useAssignee(row))}
      {line("status", "status", t("task.status"), t(`status.${row.status}`))}
      {open && <FieldBox {...open} id={row.id} onClose={() => setOpen(null)} />}
    </div>
  );
}

interface FieldBoxProps {
  field: Field;
  anchor: HTMLElement;
  id: string;
  onClose: () => void;
}

function FieldBox({ field, anchor, id, onClose }: FieldBoxProps) {
  const props = { anchor, ids: [id], onClose };
  switch (field) {
    case "assign":
      return <AssigneePicker {...props} />;
    case "category":
      return <CategoryPicker {...props} />;
    case "date":
      return <DateMenu {...props} />;
    case "priority":
      return <PriorityMenu {...props} />;
    case "status":
      return <StatusMenu {...props} />;
    case "tags":
      return <TagPicker {...props} />;
  }
}

function Due({ row }: { row: TaskRow }) {
  const due = describeDue(row, useApp());
  if (!due) return <span class="none">{t("task.none")}</span>;
  return <span class={due.late && !isShownDone(row) ? "late" : undefined}>{due.text}</span>;
}

function Priority({ row }: { row: TaskRow }) {
  return (
    <span class={`p${row.priority}-text`}>
      {t("priority.label", { number: row.priority, name: t(`priority.${row.priority}`) })}
    </span>
  );
}

function useCategory(row: TaskRow): ComponentChildren {
  const category = useApp().replica.categories.value.find(({ id }) => id === row.category_id);
  return (
    category && (
      <>
        <Dot color={category.color} />
        <bdi>{category.name}</bdi>
      </>
    )
  );
}

function useTagNames(row: TaskRow): ComponentChildren {
  const names = useTags(row, useApp().replica);
  return names.length > 0 && names.map((name) => <bdi key={name}>@{name}</bdi>);
}

function useAssignee(row: TaskRow): ComponentChildren {
  const member = useApp().replica.members.value.find(({ id }) => id === row.assignee);
  return (
    member && (
      <>
        <Avatar member={member} />
        <bdi>{member.name}</bdi>
      </>
    )
  );
}
