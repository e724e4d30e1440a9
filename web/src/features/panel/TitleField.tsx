import type { TaskRow } from "../../domain/rows.ts";
import { t } from "../../i18n/translate.ts";
import { GrowingText } from "../../ui/GrowingText.tsx";
import { useApp } from "../app.ts";
import { editQuietly } from "../tasklist/edits.ts";
import { useDraft } from "./use-draft.ts";

/** The title of the task. It is saved when the field is left, and a second after the last key. */
export function TitleField({ row }: { row: TaskRow }) {
  const { replica } = useApp();
  const draft = useDraft({ text: row.title, revision: row.revision }, (text, began) => {
    const title = text.trim();
    if (!title) return null;
    const base = { values: { title: began.text }, revision: began.revision };
    return editQuietly(replica, [row.id], { title }, base);
  });
  return (
    <GrowingText
      class="panel-title-input"
      label={t("panel.title")}
      value={draft.text}
      onInput={draft.set}
      onBlur={draft.save}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || event.isComposing) return;
        event.preventDefault();
        event.currentTarget.blur();
      }}
    />
  );
}
