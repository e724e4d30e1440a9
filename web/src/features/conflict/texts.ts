/** What a change was, and why it waits, in words. */
import { t } from "../../i18n/translate.ts";
import type { Refused } from "../../replica/entry.ts";
import type { Change, Replica } from "../../replica/replica.ts";

/** The fields that have a name. The zone of a due date and the mode of a repeat are parts of others. */
const FIELDS = [
  "title",
  "description",
  "status",
  "priority",
  "due_date",
  "repeat_rule",
  "category_id",
  "tag_ids",
  "parent",
  "assignee",
  "name",
  "color",
  "archived",
  "filter",
  "sort",
  "group_by",
  "shared",
] as const;

type FieldName = (typeof FIELDS)[number];

/** Fields whose values are texts that can be shown as they are. */
const TEXTS = new Set(["description", "filter", "name", "title"]);

/** The name of what a change is about. */
export function nameRefused(replica: Replica, { entry }: Refused): string {
  const { change, lost, before } = entry;
  const wanted = "set" in change ? change.set : {};
  const known = nameRow(replica, change.kind, change.id) ?? (lost && nameOf(lost));
  return known ?? nameOf(wanted) ?? nameOf(before) ?? t("list.untitled");
}

/** The name of a visible row. */
export function nameRow(replica: Replica, kind: Change["kind"], id: string): string | undefined {
  if (kind === "task") return replica.task(id)?.title;
  const lists = { category: replica.categories, tag: replica.tags, filter: replica.filters };
  return lists[kind].value.find((row) => row.id === id)?.name;
}

function nameOf(row: object): string | undefined {
  const name = "title" in row ? row.title : "name" in row ? row.name : undefined;
  return typeof name === "string" && name !== "" ? name : undefined;
}

/** The name of a field; null for those that belong to another one. */
export function nameField(field: string): string | null {
  return isField(field) ? t(`conflict.field.${field}`) : null;
}

function isField(field: string): field is FieldName {
  return FIELDS.some((name) => name === field);
}

/** What the change was, in one or more lines. */
export function describeChange({ entry, reason, theirs }: Refused): string[] {
  const { change } = entry;
  const lines = change.action === "update" ? [] : [t(`conflict.action.${change.action}`)];
  if (!("set" in change)) return lines;
  const others: string[] = [];
  for (const [name, value] of Object.entries(change.set)) {
    const field = nameField(name);
    if (field === null) continue;
    if (!TEXTS.has(name)) others.push(field);
    else if (reason !== "text") lines.push(t("conflict.value", { field, value: String(value) }));
    else {
      lines.push(t("conflict.yours", { field, value: String(value) }));
      lines.push(t("conflict.theirs", { field, value: String(theirs[name] ?? "") }));
    }
  }
  if (others.length > 0) lines.push(t("conflict.changed", { fields: others.join(", ") }));
  return lines;
}

/** Why the change waits for the person. */
export function describeReason({ reason, problem, entry }: Refused): string {
  if (reason === "refused" && problem?.detail) {
    return t("conflict.why.detail", { detail: problem.detail });
  }
  // A label has no trash to restore it from.
  if (reason === "trashed" && entry.change.kind !== "task") return t("conflict.why.deleted");
  return t(`conflict.why.${reason}`);
}

/** The button that makes the change again. */
export function describeApply({ reason, entry }: Refused): string {
  if (reason === "text") return t("conflict.keepMine");
  if (reason === "refused") return t("conflict.tryAgain");
  return reason === "trashed" && entry.change.kind === "task"
    ? t("conflict.restore")
    : t("conflict.addAgain");
}
