import type { TaskRow } from "../../domain/rows.ts";
import { t } from "../../i18n/translate.ts";
import type { Replica } from "../../replica/replica.ts";

/** The names of a task's tags, in the order in which they were added. */
export function useTags(row: TaskRow, replica: Replica): string[] {
  const tags = replica.tags.value;
  return row.tag_ids.flatMap((id) => tags.find((tag) => tag.id === id)?.name ?? []);
}

/** The name of a row for screen readers: title, due date, priority, category. */
export function labelRow(row: TaskRow, replica: Replica, due: string | undefined): string {
  const category = replica.categories.value.find(({ id }) => id === row.category_id);
  const priority = t("priority.said", {
    number: row.priority,
    name: t(`priority.${row.priority}`),
  });
  const parts = [
    row.title || t("list.untitled"),
    due,
    // Most tasks have the normal priority: it is not said.
    row.priority === 3 ? undefined : priority,
    category?.name,
  ];
  return parts.filter(Boolean).join(", ");
}
