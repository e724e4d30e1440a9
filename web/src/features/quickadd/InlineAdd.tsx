import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n/translate.ts";
import { Sheet } from "../../ui/Dialog.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { useApp } from "../app.ts";
import { canEdit } from "../people.tsx";
import { QuickAdd } from "./lazy.ts";
import { openedQuickAdd, pageDefaults, type QuickAddDefaults } from "./state.ts";

/** Set the defaults of the page while it is shown. */
export function usePageDefaults(defaults: QuickAddDefaults): void {
  const key = JSON.stringify(defaults);
  useEffect(() => {
    pageDefaults.value = defaults;
    return () => {
      pageDefaults.value = {};
    };
  }, [key]);
}

/** The box above a list that becomes quick add. Sets the defaults of the page. */
export function InlineAdd({ defaults }: { defaults: QuickAddDefaults }) {
  const { replica } = useApp();
  const [open, setOpen] = useState(false);
  usePageDefaults(defaults);
  if (!canEdit(replica)) return null;
  if (open) return <QuickAdd defaults={defaults} onClose={() => setOpen(false)} />;
  return (
    <button class="qa-idle" type="button" aria-keyshortcuts="q" onClick={() => setOpen(true)}>
      <Icon name="plus" />
      {t("add.idle")}
      <kbd aria-hidden="true">q</kbd>
    </button>
  );
}

/** Quick add above any page: a box near the top, a sheet on phones. */
export function QuickAddSheet() {
  const defaults = openedQuickAdd.value;
  const { replica } = useApp();
  if (!defaults || !canEdit(replica)) return null;
  const close = () => {
    openedQuickAdd.value = null;
  };
  return (
    <Sheet label={t("add.label")} class="qa-sheet" onClose={close}>
      <QuickAdd defaults={defaults} onClose={close} />
    </Sheet>
  );
}
