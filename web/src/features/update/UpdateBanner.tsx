import { t } from "../../i18n/translate.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { applyUpdate, isUpdateReady } from "./worker.ts";

/** Says that a new version of the app waits, and loads it on request. */
export function UpdateBanner() {
  if (!isUpdateReady()) return null;
  return (
    <div class="banner shell-banner" role="status">
      <Icon name="download" />
      <span>{t("update.ready")}</span>
      <Button onClick={applyUpdate}>{t("update.reload")}</Button>
    </div>
  );
}
