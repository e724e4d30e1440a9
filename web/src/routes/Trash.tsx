import { usePageTitle } from "../features/shell/title.ts";
import { TrashPage } from "../features/trash/lazy.ts";
import { t } from "../i18n/translate.ts";

/** `/trash`: the deleted tasks. */
export function Trash() {
  usePageTitle(t("nav.trash"));
  return <TrashPage />;
}
