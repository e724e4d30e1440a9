import { SearchPage } from "../features/search/lazy.ts";
import { usePageTitle } from "../features/shell/title.ts";
import { t } from "../i18n/translate.ts";

/** `/search?q=`: the tasks that contain the words of a text. */
export function Search() {
  usePageTitle(t("nav.search"));
  return <SearchPage />;
}
