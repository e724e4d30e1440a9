import { useState } from "preact/hooks";
import type { TaskRow } from "../../domain/rows.ts";
import { t } from "../../i18n/translate.ts";
import { GrowingText } from "../../ui/GrowingText.tsx";
import { useApp } from "../app.ts";
import { canEdit } from "../people.tsx";
import { editQuietly } from "../tasklist/edits.ts";
import { useDraft } from "./use-draft.ts";

/** The description: text to read, a field after a click. */
export function Description({ row }: { row: TaskRow }) {
  const { replica } = useApp();
  const [editing, setEditing] = useState(false);
  const stored = { text: row.description, revision: row.revision };
  const draft = useDraft(stored, (description, began) => {
    const base = { values: { description: began.text }, revision: began.revision };
    return editQuietly(replica, [row.id], { description }, base);
  });
  if (!editing) {
    return (
      <button
        class="description"
        type="button"
        disabled={!canEdit(replica)}
        onClick={() => setEditing(true)}
      >
        {draft.text ? (
          <span class="description-text">{draft.text}</span>
        ) : (
          <span class="faint">{t("panel.addDescription")}</span>
        )}
      </button>
    );
  }
  return (
    <GrowingText
      autoFocus
      class="description-input"
      label={t("panel.description")}
      value={draft.text}
      onInput={draft.set}
      onBlur={() => {
        draft.save();
        setEditing(false);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        event.currentTarget.blur();
      }}
    />
  );
}
