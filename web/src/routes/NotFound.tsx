import { useApp } from "../features/app.ts";
import { PATHS } from "../features/paths.ts";
import { usePageTitle } from "../features/shell/title.ts";
import { Empty } from "../features/tasklist/Empty.tsx";
import { t } from "../i18n/translate.ts";
import { Link } from "../ui/location.tsx";

/** An address that shows nothing. While the first load runs, it may show something later. */
export function NotFound() {
  usePageTitle(t("app.notFound"));
  if (useApp().replica.status.value.phase === "loading") return null;
  return (
    <div class="col">
      <Empty title={t("app.notFound")} detail={t("app.notFoundDetail")}>
        <Link class="btn" href={PATHS.today}>
          {t("app.goToday")}
        </Link>
      </Empty>
    </div>
  );
}
