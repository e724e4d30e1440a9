import { t } from "../../i18n/translate.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { useApp } from "../app.ts";
import { conflictsOpen, listNotices } from "./state.ts";

/** Says above the page that changes wait for the person, and shows them. */
export function ConflictBanner() {
  const { replica } = useApp();
  const { conflicts } = replica.status.value;
  const replaced = listNotices(replica).length;
  if (conflicts + replaced === 0) return null;
  return (
    <div class={conflicts > 0 ? "banner is-warn shell-banner" : "banner shell-banner"}>
      <Icon name="warning" />
      <span role="status">
        {conflicts > 0
          ? t("sync.conflicts", { count: conflicts })
          : t("conflict.replaced", { count: replaced })}
        {conflicts > 0 && (
          <span class="meta-text">{t("conflict.detail", { count: conflicts })}</span>
        )}
      </span>
      <Button
        onClick={() => {
          conflictsOpen.value = true;
        }}
      >
        {t("conflict.show")}
      </Button>
    </div>
  );
}
