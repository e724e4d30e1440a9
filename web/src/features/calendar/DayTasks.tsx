import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Day } from "../../domain/days.ts";
import { formatDay } from "../../i18n/format.ts";
import { t } from "../../i18n/translate.ts";
import { useApp } from "../app.ts";
import { canEdit } from "../people.tsx";
import { openQuickAdd } from "../quickadd/state.ts";
import { type Entry, listTasks } from "../tasklist/entries.ts";
import { isDone } from "../tasklist/shown.ts";
import { TaskList } from "../tasklist/TaskList.tsx";
import { listDayRows } from "./rows.ts";

/** The tasks of a day as a list: below the calendar of a phone, whose cells show dots only. */
export function DayTasks({ day }: { day: Day }) {
  const { replica } = useApp();
  const label = formatDay(day, "full");
  const entries = useMemo(
    () =>
      computed((): Entry[] => {
        const rows = listDayRows(replica, day);
        const count = rows.filter((row) => !isDone(replica, row.id)).length;
        const add = {
          label: t("upcoming.addOn", { day: formatDay(day, "day") }),
          run: () => openQuickAdd({ day }),
        };
        return [
          { kind: "group", key: `day ${day}`, label, count, ...(canEdit(replica) && { add }) },
          ...listTasks(rows),
        ];
      }),
    [replica, day, label],
  );
  return (
    <div class="day-list">
      <TaskList
        key={day}
        label={label}
        entries={entries}
        options={{ onlyTime: day, showCategory: true, canEdit: canEdit(replica) }}
        addDefaults={() => ({ day })}
      />
      {entries.value.length === 1 && <p class="meta-text">{t("empty.day")}</p>}
    </div>
  );
}
