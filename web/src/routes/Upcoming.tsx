import { usePageTitle } from "../features/shell/title.ts";
import { UpcomingPage } from "../features/upcoming/UpcomingPage.tsx";
import { t } from "../i18n/translate.ts";

/** `/upcoming`: what is due, by day or as a calendar. */
export function Upcoming() {
  usePageTitle(t("nav.upcoming"));
  return <UpcomingPage />;
}
