import { t } from "../../i18n/translate.ts";
import { Icon } from "../../ui/Icon.tsx";
import { Link } from "../../ui/location.tsx";
import { useApp } from "../app.ts";
import { PATHS } from "../paths.ts";
import { describeSync } from "../sidebar/Account.tsx";

/** What keeps changes from being sent, above the page; and the progress of the first load. */
export function SyncBanner() {
  const { replica } = useApp();
  const { phase, loaded, total, online, signedOut, unsent } = replica.status.value;
  if (signedOut) {
    return (
      <div class="banner is-warn shell-banner" role="status">
        <Icon name="warning" />
        <span>
          {unsent > 0 ? t("sync.signInUnsent", { count: unsent }) : t("sync.signInAgain")}
          <span class="meta-text">{t("sync.signedOutDetail")}</span>
        </span>
        <Link class="btn" href={PATHS.signIn}>
          {t("sync.signIn")}
        </Link>
      </div>
    );
  }
  if (phase === "loading") return <Progress loaded={loaded} total={total} />;
  if (online || unsent === 0) return null;
  return (
    <div class="banner shell-banner" role="status">
      <Icon name="offline" />
      <span>
        {describeSync(replica.status.value)}
        <span class="meta-text">{t("sync.offlineDetail")}</span>
      </span>
    </div>
  );
}

function Progress({ loaded, total }: { loaded: number; total: number | null }) {
  const text =
    total === null ? t("sync.loadingSome", { loaded }) : t("sync.loading", { loaded, total });
  return (
    <div class="shell-progress">
      <span class="meta-text" role="status">
        {text}
      </span>
      <progress
        max={total ?? undefined}
        value={total === null ? undefined : loaded}
        aria-label={text}
      />
    </div>
  );
}
