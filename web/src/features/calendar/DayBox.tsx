import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Day } from "../../domain/days.ts";
import { formatDay } from "../../i18n/format.ts";
import { t } from "../../i18n/translate.ts";
import { Button } from "../../ui/Button.tsx";
import { Popover } from "../../ui/Popover.tsx";
import { useApp } from "../app.ts";
import { canEdit } from "../people.tsx";
import { openQuickAdd } from "../quickadd/state.ts";
import { CompactList } from "../tasklist/CompactList.tsx";
import { listDayRows } from "./rows.ts";

export interface DayBoxProps {
  day: Day;
  anchor: HTMLElement;
  onClose: () => void;
}

/** All tasks of a day, in a box beside its cell. */
export function DayBox({ day, anchor, onClose }: DayBoxProps) {
  const { replica } = useApp();
  const rows = useMemo(() => computed(() => listDayRows(replica, day)), [replica, day]);
  const label = formatDay(day, "full");
  return (
    <Popover anchor={anchor} label={label} role="dialog" class="day-box" onClose={onClose}>
      <h2>{label}</h2>
      {rows.value.length === 0 && <p class="meta-text">{t("empty.day")}</p>}
      <CompactList label={label} rows={rows} day={day} />
      {canEdit(replica) && (
        <Button
          look="quiet"
          icon="plus"
          onClick={() => {
            onClose();
            openQuickAdd({ day });
          }}
        >
          {t("list.addHere")}
        </Button>
      )}
    </Popover>
  );
}
