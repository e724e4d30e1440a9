import { createPortal } from "preact";
import { t } from "../../i18n/translate.ts";
import { Icon, type IconName } from "../../ui/Icon.tsx";
import { type ListContext, runListCommand } from "./commands.ts";
import type { MenuKind } from "./state.ts";

interface Action {
  kind: MenuKind;
  label: string;
  icon: IconName;
  class?: string;
}

/** What can be done to the selected tasks. */
export function BulkBar({ context }: { context: ListContext }) {
  const { state } = context;
  const count = state.selected.value.size;
  const open = (kind: MenuKind, anchor: HTMLElement) => {
    state.menu.value = { kind, ids: [...state.selected.peek()], anchor };
  };
  const actions: readonly Action[] = [
    { kind: "date", label: t("bulk.date"), icon: "calendar" },
    { kind: "priority", label: t("bulk.priority"), icon: "flag" },
    { kind: "category", label: t("bulk.category"), icon: "category", class: "hide-phone" },
    { kind: "tags", label: t("bulk.tags"), icon: "at" },
    { kind: "assign", label: t("bulk.assign"), icon: "user", class: "hide-phone" },
  ];
  // Outside of the list: the list is a size container, which some browsers position boxes by.
  return createPortal(
    <aside aria-label={t("list.selectedTasks", { count })}>
      <div class="bulk" role="toolbar" aria-label={t("list.selectedTasks", { count })}>
        <b aria-live="polite">{t("list.selected", { count })}</b>
        <button
          type="button"
          class="keep"
          aria-label={t("bulk.done")}
          onClick={() => runListCommand("complete", context)}
        >
          <Icon name="check" />
          <span class="bl">{t("bulk.done")}</span>
        </button>
        {actions.map(({ kind, label, icon, class: extra }) => (
          <button
            key={kind}
            class={extra}
            type="button"
            aria-label={label}
            aria-haspopup="dialog"
            onClick={(event) => open(kind, event.currentTarget)}
          >
            <Icon name={icon} />
            <span class="bl">{label}</span>
          </button>
        ))}
        <button
          type="button"
          class="hide-phone"
          aria-label={t("task.trash")}
          onClick={() => runListCommand("trash", context)}
        >
          <Icon name="trash" />
          <span class="bl">{t("bulk.trash")}</span>
        </button>
        <button
          type="button"
          class="phone-only"
          aria-label={t("ui.more")}
          aria-haspopup="menu"
          onClick={(event) => open("more", event.currentTarget)}
        >
          <Icon name="more" />
        </button>
        <span class="sep" />
        <button
          type="button"
          aria-label={t("list.endSelection")}
          onClick={() => {
            state.selected.value = new Set();
          }}
        >
          <Icon name="x" />
        </button>
      </div>
    </aside>,
    document.body,
  );
}
