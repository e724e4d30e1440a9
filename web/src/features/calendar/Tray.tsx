import { computed } from "@preact/signals";
import { useId, useMemo } from "preact/hooks";
import { formatNumber } from "../../i18n/format.ts";
import { t } from "../../i18n/translate.ts";
import { useApp } from "../app.ts";
import { CompactList } from "../tasklist/CompactList.tsx";
import { isDone } from "../tasklist/shown.ts";
import { listUndated } from "./rows.ts";

/** The open tasks without a date: each can be dragged onto a day, or dated with a key. */
export function Tray({ isOver }: { isOver: boolean }) {
  const { replica } = useApp();
  const id = useId();
  const rows = useMemo(() => computed(() => listUndated(replica)), [replica]);
  const count = rows.value.filter((row) => !isDone(replica, row.id)).length;
  return (
    <aside class={isOver ? "tray is-drop" : "tray"} data-day="none" aria-labelledby={id}>
      <header>
        <h2 id={id}>{t("upcoming.noDate")}</h2>
        {count > 0 && <span class="tally">{formatNumber(count)}</span>}
      </header>
      {rows.value.length === 0 ? (
        <p>{t("upcoming.trayEmpty")}</p>
      ) : (
        <p class="wide-only">
          {t("upcoming.trayHint")} <kbd>d</kbd>
        </p>
      )}
      <CompactList label={t("upcoming.noDate")} rows={rows} />
    </aside>
  );
}
