import { useState } from "preact/hooks";
import { t } from "../../i18n/translate.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { location, setQuery } from "../../ui/location.tsx";
import { useApp } from "../app.ts";
import type { ListOptions } from "../lists/options.ts";
import { canEdit } from "../people.tsx";
import { readFilter } from "./compile.ts";
import { addScope, quoteName } from "./draft.ts";
import { FilterDialog } from "./FilterDialog.tsx";
import { FilterField } from "./FilterField.tsx";

export interface FilterBarProps {
  /** The grouping and the sort order of the list. */
  options: ListOptions;
  /** The list: saved filters show its tasks only. */
  scope: FilterScope;
}

export type FilterScope = { kind: "inbox" } | { kind: "category" | "tag"; name: string };

/** The filter of a list, above it. Its text is in the address: `?filter=`. */
export function FilterBar({ options, scope }: FilterBarProps) {
  const app = useApp();
  const [saving, setSaving] = useState(false);
  const text = location.value.query.get("filter") ?? "";
  const close = () => setQuery("filter", null, true);
  const { filter } = readFilter(app, text);
  return (
    <div class="filters" role="group" aria-label={t("filter.title")}>
      <FilterField
        autoFocus={text === ""}
        value={text}
        onInput={(value) => setQuery("filter", value, true)}
        onEnter={focusList}
        onEscape={close}
      />
      {filter && canEdit(app.replica) && (
        <Button look="link" onClick={() => setSaving(true)}>
          {t("filter.save")}
        </Button>
      )}
      <IconButton icon="x" label={t("filter.remove")} onClick={close} />
      {saving && (
        <FilterDialog
          start={{
            name: "",
            filter: addScope(writeScope(scope), text),
            color: null,
            shared: false,
          }}
          options={options}
          onClose={() => setSaving(false)}
        />
      )}
    </div>
  );
}

function writeScope(scope: FilterScope): string {
  if (scope.kind === "inbox") return "no:category";
  return (scope.kind === "category" ? "#" : "@") + quoteName(scope.name);
}

/** Go on to what the filter found. */
function focusList(): void {
  document.querySelector<HTMLElement>('.main [role="row"][tabindex="0"]')?.focus();
}
