import { useRef, useState } from "preact/hooks";
import type { TaskRow } from "../../domain/rows.ts";
import { t } from "../../i18n/translate.ts";
import { useApp } from "../app.ts";
import { edit } from "./edits.ts";

/** The title of a row, edited in place. Enter and leaving the field save, Esc does not. */
export function TitleInput({ row, onEnd }: { row: TaskRow; onEnd: () => void }) {
  const { replica } = useApp();
  const [base] = useState({ values: { title: row.title }, revision: row.revision });
  const [title, setTitle] = useState(row.title);
  const ended = useRef(false);
  const end = (save: boolean) => {
    if (ended.current) return;
    ended.current = true;
    const trimmed = title.trim();
    if (save && trimmed && trimmed !== base.values.title) {
      void edit(replica, [row.id], { title: trimmed }, base);
    }
    onEnd();
  };
  return (
    <input
      class="title-input"
      aria-label={t("list.editTitle")}
      value={title}
      ref={(input) => {
        if (input && document.activeElement !== input) input.focus();
      }}
      onInput={(event) => setTitle(event.currentTarget.value)}
      onBlur={() => end(true)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter" && !event.isComposing) end(true);
        if (event.key === "Escape") end(false);
      }}
    />
  );
}
