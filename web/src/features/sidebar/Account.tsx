import { useState } from "preact/hooks";
import { t } from "../../i18n/translate.ts";
import type { SyncStatus } from "../../replica/replica.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { useApp } from "../app.ts";
import { conflictsOpen } from "../conflict/state.ts";
import { helpOpen } from "../help/state.ts";
import { changeLook, look, toggleTheme } from "../look.ts";
import { Avatar } from "../people.tsx";

/** The person with the state of the sync, and the menu of the account. */
export function Account() {
  const { replica } = useApp();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [leaving, setLeaving] = useState(false);
  const { person } = replica;
  const status = replica.status.value;
  const { conflicts } = status;
  const needs = conflicts > 0 ? t("sync.conflicts", { count: conflicts }) : null;
  const state = describeSync(status);
  return (
    <div class="rail-account">
      <button
        type="button"
        aria-haspopup="menu"
        title={[person.name, needs, state].filter(Boolean).join(", ")}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <span class="avatar-box">
          <Avatar large member={person} />
          {!status.online && <span class="dot d-off" />}
        </span>
        <span class="who">
          <bdi>{person.name}</bdi>
          {needs === null ? (
            <span class="meta-text">{state}</span>
          ) : (
            <span class="badge">{needs}</span>
          )}
        </span>
      </button>
      <IconButton icon="theme" label={t("nav.theme")} onClick={toggleTheme} />
      {anchor && (
        <AccountMenu
          anchor={anchor}
          onClose={() => setAnchor(null)}
          onLeave={() => setLeaving(true)}
        />
      )}
      {leaving && <SignOutDialog onClose={() => setLeaving(false)} />}
    </div>
  );
}

/** The state of the sync in a few words. */
export function describeSync({ online, signedOut, unsent }: SyncStatus): string {
  if (signedOut) return t("sync.signedOut");
  if (!online) return unsent > 0 ? t("sync.offlineUnsent", { count: unsent }) : t("sync.offline");
  return unsent > 0 ? t("sync.sending", { count: unsent }) : t("sync.sent");
}

interface AccountMenuProps {
  anchor: HTMLElement;
  onClose: () => void;
  onLeave: () => void;
}

function AccountMenu({ anchor, onClose, onLeave }: AccountMenuProps) {
  const { conflicts } = useApp().replica.status.value;
  const isCompact = look.value.density === "compact";
  const needs = {
    id: "conflicts",
    label: t("sync.conflicts", { count: conflicts }),
    icon: "warning",
    onSelect: () => {
      conflictsOpen.value = true;
    },
  } as const;
  const items = [
    ...(conflicts > 0 ? [needs] : []),
    {
      id: "compact",
      label: t("nav.compact"),
      icon: "list",
      checked: isCompact,
      onSelect: () => changeLook({ density: isCompact ? "normal" : "compact" }),
    },
    {
      id: "keys",
      label: t("nav.keys"),
      icon: "keyboard",
      shortcut: "?",
      onSelect: () => {
        helpOpen.value = true;
      },
    },
    { id: "leave", label: t("nav.signOut"), icon: "x", separated: true, onSelect: onLeave },
  ] as const;
  return <Menu anchor={anchor} label={t("nav.main")} items={items} onClose={onClose} />;
}

/** Signing out deletes the data on this device: what is not sent yet would be lost. */
function SignOutDialog({ onClose }: { onClose: () => void }) {
  const { replica, signOut } = useApp();
  const { unsent, conflicts } = replica.status.value;
  // Changes that wait for a decision are only on this device, too.
  const lost = unsent + conflicts;
  return (
    <Dialog title={t("nav.signOutTitle")} role="alertdialog" onClose={onClose}>
      <p>{lost > 0 ? t("nav.signOutUnsent", { count: lost }) : t("nav.signOutDetail")}</p>
      <div class="dialog-foot">
        <Button onClick={onClose}>{t("ui.cancel")}</Button>
        <Button look={lost > 0 ? "danger-fill" : "primary"} onClick={() => void signOut()}>
          {t("nav.signOut")}
        </Button>
      </div>
    </Dialog>
  );
}
