import { useState } from "preact/hooks";
import { t } from "../../i18n/translate.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { useApp } from "../app.ts";
import { isShownDone, toggleDone, trash } from "../tasklist/edits.ts";

/** The menu of the panel. */
export function PanelMenu({ id, onClose }: { id: string; onClose: () => void }) {
  const { replica } = useApp();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const row = replica.task(id);
  const items = [
    {
      id: "complete",
      label: t(row && isShownDone(row) ? "task.reopen" : "task.complete"),
      icon: "check",
      onSelect: () => void toggleDone(replica, [id]),
    },
    {
      id: "trash",
      label: t("task.trash"),
      icon: "trash",
      danger: true,
      separated: true,
      onSelect: () => {
        onClose();
        void trash(replica, [id]);
      },
    },
  ] as const;
  return (
    <>
      <IconButton
        icon="more"
        label={t("ui.more")}
        aria-haspopup="menu"
        onClick={(event) => setAnchor(event.currentTarget)}
      />
      {anchor && (
        <Menu
          fromEnd
          anchor={anchor}
          label={t("task.label")}
          items={items}
          onClose={() => setAnchor(null)}
        />
      )}
    </>
  );
}
