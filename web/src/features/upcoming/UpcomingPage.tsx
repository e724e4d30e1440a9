import { t } from "../../i18n/translate.ts";
import { PHONE, useMedia } from "../../ui/media.ts";
import { Segmented } from "../../ui/Segmented.tsx";
import { CalendarPage } from "../calendar/lazy.ts";
import { PageHead } from "../shell/PageHead.tsx";
import { getView, setView } from "../views.ts";
import { UpcomingList } from "./UpcomingList.tsx";

const VIEWS = ["days", "week", "month"] as const;
const NAME = "upcoming";

/** What is due, as a list by day or as a calendar. The view is remembered on this device. */
export function UpcomingPage() {
  const view = getView<(typeof VIEWS)[number]>(NAME, VIEWS);
  const isPhone = useMedia(PHONE);
  const views = (
    <Segmented
      label={t("upcoming.view")}
      value={view}
      options={VIEWS.map((value) => ({ value, label: t(`upcoming.${value}`) }))}
      onChange={(chosen) => setView(NAME, chosen)}
    />
  );
  if (view !== "days") return <CalendarPage view={view}>{views}</CalendarPage>;
  return (
    <div class="col">
      <PageHead title={t("nav.upcoming")}>{!isPhone && views}</PageHead>
      {isPhone && views}
      <UpcomingList />
    </div>
  );
}
