import { useEffect, useMemo } from "preact/hooks";
import { addDays, addMonths, type Day, getWeekday, listMonthWeeks } from "../../domain/days.ts";
import { formatDay } from "../../i18n/format.ts";
import { language, t } from "../../i18n/translate.ts";
import { DatePicker, type DayChoice } from "../../ui/DatePicker.tsx";
import { useApp } from "../app.ts";
import { getRowDay, getRowTime } from "../due.ts";
import { loadWords } from "../quickadd/parse.ts";
import { readDate } from "../quickadd/read-date.ts";
import { getRows } from "../rows.ts";
import { edit, setDay } from "./edits.ts";
import type { PickerFor } from "./pickers.tsx";

/** 0 is Monday. A setting of the person later. */
const FIRST_WEEKDAY = 0;

/** Choose the due date of tasks. They keep their time of day unless one is typed. */
export function DateMenu({ anchor, ids, onClose }: PickerFor) {
  const { replica, clock } = useApp();
  const zone = replica.person.time_zone;
  const today = clock.today.value;
  const [first] = getRows(replica, ids);
  const day = first ? getRowDay(first, zone) : null;
  useEffect(() => {
    void loadWords(language.value);
  }, []);
  const rules = useMemo(
    () => ({
      today,
      weeks: (shown: Day) => listMonthWeeks(shown, FIRST_WEEKDAY),
      addMonths,
      addDays,
    }),
    [today],
  );
  return (
    <DatePicker
      anchor={anchor}
      rules={rules}
      day={day}
      time={first ? getRowTime(first, zone) : null}
      choices={listChoices(today)}
      onType={(text) => {
        const due = readDate(text, clock.now(), replica.person);
        if (due !== null) void edit(replica, ids, { due_date: due, due_time_zone: null });
        return due !== null;
      }}
      onPick={(chosen) => void setDay(replica, ids, chosen)}
      onTime={(time) => {
        const due = time === null || day === null ? day : `${day}T${time}:00`;
        void edit(replica, ids, { due_date: due, due_time_zone: null });
      }}
      onClose={onClose}
    />
  );
}

/** The days that are chosen most, and no date. */
export function listChoices(today: Day): DayChoice[] {
  const tomorrow = addDays(today, 1);
  const monday = addDays(today, 7 - getWeekday(today));
  return [
    {
      id: "today",
      label: t("date.today"),
      icon: "today",
      end: formatDay(today, "weekday"),
      day: today,
    },
    {
      id: "tomorrow",
      label: t("date.tomorrow"),
      icon: "chevron-right",
      end: formatDay(tomorrow, "weekday"),
      day: tomorrow,
    },
    {
      id: "week",
      label: t("date.nextWeek"),
      icon: "upcoming",
      end: formatDay(monday, "weekdayNumber"),
      day: monday,
    },
    { id: "none", label: t("date.noDate"), icon: "x", end: "0", day: null },
  ];
}
