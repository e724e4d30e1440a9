import type { ReadonlySignal } from "@preact/signals";
import type { Counts } from "../features/counts.ts";
import { usePageTitle } from "../features/shell/title.ts";
import { TodayList } from "../features/tasklist/TodayList.tsx";
import { t } from "../i18n/translate.ts";

/** `/today`: what is due today and before. */
export function Today({ counts }: { counts: ReadonlySignal<Counts> }) {
  usePageTitle(t("nav.today"), counts.value.today);
  return <TodayList />;
}
