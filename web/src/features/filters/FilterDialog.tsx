import { useState } from "preact/hooks";
import { createFilter, editFilter } from "../../actions/labels.ts";
import type { SavedFilterRow } from "../../domain/rows.ts";
import { t } from "../../i18n/translate.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { TextField } from "../../ui/Field.tsx";
import { navigate } from "../../ui/location.tsx";
import { useApp } from "../app.ts";
import { ColorField } from "../ColorField.tsx";
import type { ListOptions } from "../lists/options.ts";
import { filterPath } from "../paths.ts";
import { reportFailure } from "../tasklist/edits.ts";
import { checkFilter, type FilterDraft } from "./draft.ts";
import { FilterField } from "./FilterField.tsx";

export interface FilterDialogProps {
  start: FilterDraft;
  /** The saved filter that is changed; without it, a new one is saved. */
  saved?: SavedFilterRow;
  /** The grouping and the sort order of the list, which are saved with the filter. */
  options: ListOptions;
  onClose: () => void;
}

/** The dialog that saves a filter to the sidebar, or changes it. */
export function FilterDialog({ start, saved, options, onClose }: FilterDialogProps) {
  const { replica } = useApp();
  const [draft, setDraft] = useState(start);
  const [tried, setTried] = useState(false);
  const change = (values: Partial<FilterDraft>) => setDraft({ ...draft, ...values });
  const error = checkFilter(draft, replica.filters.value, saved?.id ?? null);
  // Only the person who made a shared filter can stop sharing it.
  const canShare = !saved?.shared || saved.owner === replica.person.id || saved.owner === null;
  const submit = async () => {
    setTried(true);
    if (error !== null) return;
    const set = { ...toFields(draft), sort: options.sort, group_by: options.group };
    onClose();
    const written = saved ? editFilter(replica, saved.id, set) : createFilter(replica, set);
    const done = await reportFailure(written);
    if (done && "id" in done) navigate(filterPath(String(done.id)));
  };
  return (
    <Dialog title={t(saved ? "filter.editTitle" : "filter.saveTitle")} onClose={onClose}>
      <form
        class="filter-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <TextField
          autoFocus
          label={t("filter.name")}
          value={draft.name}
          error={tried && error?.startsWith("name") ? t(`filter.invalid.${error}`) : undefined}
          onInput={(name) => change({ name })}
        />
        <div class="field">
          <span class="label-text">{t("filter.title")}</span>
          <FilterField
            value={draft.filter}
            onInput={(filter) => change({ filter })}
            onEnter={() => void submit()}
          />
        </div>
        <ColorField value={draft.color} onChange={(color) => change({ color })} />
        {canShare && (
          <label class="check-line">
            <input
              type="checkbox"
              checked={draft.shared}
              onChange={(event) => change({ shared: event.currentTarget.checked })}
            />
            <span>
              {t("filter.shared")}
              <span class="meta-text">{t("filter.sharedDetail")}</span>
            </span>
          </label>
        )}
        <div class="dialog-foot">
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          <Button look="primary" type="submit">
            {t("ui.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function toFields({ name, filter, color, shared }: FilterDraft): FilterDraft {
  return { name: name.trim(), filter: filter.trim(), color, shared };
}
