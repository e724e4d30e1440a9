import type { Day } from "../../domain/days.ts";
import { formatList } from "../../i18n/format.ts";
import { t } from "../../i18n/translate.ts";
import { describeDayTime } from "../due-label.ts";
import type { Draft, DraftIssue } from "./draft.ts";

/** What is wrong with a part, and how to mend it. */
export function describeIssue({ code }: DraftIssue, { parsed }: Draft): string {
  if (code === "no_member") return t("add.noMember", { name: parsed.assignee ?? "" });
  if (code === "no_parent") return t("add.noParent", { number: String(parsed.parent) });
  return t(`add.error.${code}`);
}

/** The recognised parts in words, for screen readers; empty if there are none. */
export function describeParts({ parsed, assignee, priority }: Draft, today: Day): string {
  const { due_date: due, category, tags } = parsed;
  const time = due && due.length > 10 ? due.slice(11, 16) : null;
  const parts = [
    due && t("add.due", { due: describeDayTime(due.slice(0, 10), time, today) }),
    parsed.repeat_rule && t("add.repeat"),
    category && `${t("task.category")} ${category}`,
    ...tags.map((name) => `@${name}`),
    priority && t("priority.said", { number: priority, name: t(`priority.${priority}`) }),
    assignee && t("list.assignedTo", { name: assignee.name }),
  ].filter((part) => typeof part === "string" && part !== "");
  return parts.length === 0 ? "" : t("add.recognised", { parts: formatList(parts as string[]) });
}
