/** Tasks in groups: by due date, priority, category, tag, status or assignee. Pure. */
import { addDays, type Day, getWeekday } from "../../domain/days.ts";
import type { CategoryRow, MemberRow, TagRow, TaskRow } from "../../domain/rows.ts";
import { t } from "../../i18n/translate.ts";
import { getRowDay } from "../due.ts";
import type { Grouping } from "./options.ts";

/** What the names of groups and their order depend on. */
export interface GroupContext {
  readonly today: Day;
  /** The person's time zone. */
  readonly zone: string;
  readonly categories: readonly Pick<CategoryRow, "id" | "name">[];
  readonly tags: readonly Pick<TagRow, "id" | "name">[];
  readonly members: readonly Pick<MemberRow, "id" | "name">[];
}

export interface Group {
  readonly key: string;
  readonly label: string;
  readonly rows: readonly TaskRow[];
}

/** A group that may be empty, in the order in which groups are shown. */
interface Place {
  readonly key: string;
  readonly label: string;
}

/** Put rows into groups. Rows keep their order within a group; empty groups are left out. */
export function groupTasks(
  rows: readonly TaskRow[],
  by: Exclude<Grouping, "none">,
  context: GroupContext,
): Group[] {
  const find = makeFind(by, context);
  const found = new Map<string, TaskRow[]>();
  for (const row of rows) {
    const key = find(row);
    const group = found.get(key);
    if (group) group.push(row);
    else found.set(key, [row]);
  }
  const places = listPlaces(by, context);
  const known = new Set(places.map(({ key }) => key));
  // A row may have a category or an assignee that the app does not know yet.
  const rest = [...found.keys()].filter((key) => !known.has(key));
  return [...places, ...rest.map((key) => ({ key, label: t("options.unknown") }))].flatMap(
    (place) => {
      const inPlace = found.get(place.key);
      return inPlace ? [{ ...place, rows: inPlace }] : [];
    },
  );
}

const NONE = "none";

function makeFind(by: Exclude<Grouping, "none">, context: GroupContext): (row: TaskRow) => string {
  switch (by) {
    case "due_date":
      return (row) => findDayGroup(getRowDay(row, context.zone), context.today);
    case "priority":
      return (row) => String(row.priority);
    case "category":
      return (row) => row.category_id ?? NONE;
    case "tag":
      // A task is shown once: in the group of its first tag, in the order of the tags.
      return (row) => context.tags.find(({ id }) => row.tag_ids.includes(id))?.id ?? NONE;
    case "status":
      return (row) => row.status;
    case "assignee":
      return (row) => row.assignee ?? NONE;
  }
}

const DAY_GROUPS = ["overdue", "today", "tomorrow", "week", "later", NONE] as const;
type DayGroup = (typeof DAY_GROUPS)[number];

/** The group of a due day. The week ends on Sunday. */
export function findDayGroup(day: Day | null, today: Day): DayGroup {
  if (day === null) return NONE;
  if (day < today) return "overdue";
  if (day === today) return "today";
  if (day === addDays(today, 1)) return "tomorrow";
  return day <= addDays(today, 6 - getWeekday(today)) ? "week" : "later";
}

function listPlaces(by: Exclude<Grouping, "none">, context: GroupContext): Place[] {
  const { categories, tags, members } = context;
  const list = (rows: readonly { id: string; name: string }[]) =>
    rows.map(({ id, name }) => ({ key: id, label: name }));
  switch (by) {
    case "due_date":
      return DAY_GROUPS.map((key) => ({ key, label: t(`options.day.${key}`) }));
    case "priority":
      return ([1, 2, 3, 4, 5] as const).map((priority) => ({
        key: String(priority),
        label: t("priority.label", { number: priority, name: t(`priority.${priority}`) }),
      }));
    case "category":
      return [...list(categories), { key: NONE, label: t("task.noCategory") }];
    case "tag":
      return [
        ...tags.map(({ id, name }) => ({ key: id, label: `@${name}` })),
        { key: NONE, label: t("options.noTag") },
      ];
    case "status":
      return (["todo", "in_progress", "done", "cancelled"] as const).map((status) => ({
        key: status,
        label: t(`status.${status}`),
      }));
    case "assignee":
      return [...list(members), { key: NONE, label: t("task.nobody") }];
  }
}
