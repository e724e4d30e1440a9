import { useId, useRef, useState } from "preact/hooks";
import { createTasks } from "../../actions/create.ts";
import { compareByPosition } from "../../domain/order.ts";
import { t } from "../../i18n/translate.ts";
import { Checkbox } from "../../ui/Checkbox.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Link, location } from "../../ui/location.tsx";
import { useApp } from "../app.ts";
import { describeDue } from "../due-label.ts";
import { canEdit } from "../people.tsx";
import { getRows } from "../rows.ts";
import { isShownDone, reportFailure, toggleDone } from "../tasklist/edits.ts";

/**
 * The sub-tasks with their progress, and a field that adds one.
 *
 * @param level of the heading in the page.
 */
export function Subtasks({ id, level }: { id: string; level: 2 | 3 }) {
  const { replica } = useApp();
  const heading = useId();
  const rows = getRows(replica, replica.bucket("parent", id).value).sort(compareByPosition);
  const done = rows.filter(isShownDone).length;
  const progress = t("panel.subtasksOf", { done, total: rows.length });
  return (
    <section aria-labelledby={heading}>
      <h3 id={heading} aria-level={level}>
        {t("panel.subtasks")}
        {rows.length > 0 && (
          <>
            <span class="tally">{progress}</span>
            <progress class="bar-32" max={rows.length} value={done} aria-label={progress} />
          </>
        )}
      </h3>
      <ul>
        {rows.map((row) => (
          <Subtask key={row.id} id={row.id} />
        ))}
      </ul>
      {canEdit(replica) && <AddSubtask parent={id} />}
    </section>
  );
}

function Subtask({ id }: { id: string }) {
  const app = useApp();
  const row = app.replica.watchTask(id).value;
  if (!row) return null;
  const done = isShownDone(row);
  const due = describeDue(row, app);
  const priority = t("priority.said", {
    number: row.priority,
    name: t(`priority.${row.priority}`),
  });
  return (
    <li class={done ? "sub is-done" : "sub"}>
      <Checkbox
        checked={done}
        tone={`p${row.priority}`}
        label={t("list.completeLabel", { title: row.title, priority })}
        disabled={!canEdit(app.replica)}
        onToggle={() => void toggleDone(app.replica, [id])}
      />
      <Link class="t" href={`${location.value.path}?task=${id}`}>
        <bdi>{row.title || t("list.untitled")}</bdi>
      </Link>
      {due && <span class={due.late && !done ? "end late" : "end"}>{due.text}</span>}
    </li>
  );
}

/** Focus a field when it is first shown. */
function focus(input: HTMLInputElement | null): void {
  input?.focus();
}

function AddSubtask({ parent }: { parent: string }) {
  const { replica } = useApp();
  const [title, setTitle] = useState<string | null>(null);
  const isStoring = useRef(false);
  const isLeft = useRef(false);
  if (title === null) {
    return (
      <button class="sub-add" type="button" onClick={() => setTitle("")}>
        <Icon name="plus" />
        {t("panel.addSubtask")}
      </button>
    );
  }
  const add = async () => {
    const trimmed = title.trim();
    if (!trimmed || isStoring.current) return;
    isStoring.current = true;
    // It belongs where its parent is.
    const category_id = replica.task(parent)?.category_id ?? null;
    const created = createTasks(replica, [{ title: trimmed }], { fields: { parent, category_id } });
    const done = await reportFailure(created);
    isStoring.current = false;
    if (done === null) return;
    // What was typed since stays in the field.
    setTitle((now) => {
      const rest = now?.startsWith(title) ? now.slice(title.length) : now;
      return isLeft.current && !rest ? null : rest;
    });
  };
  return (
    <form
      class="sub"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <span class="ring" aria-hidden="true" />
      <input
        class="title-input"
        aria-label={t("panel.newSubtask")}
        placeholder={t("panel.newSubtask")}
        value={title}
        ref={focus}
        onInput={(event) => setTitle(event.currentTarget.value)}
        onFocus={() => {
          isLeft.current = false;
        }}
        onBlur={() => {
          isLeft.current = true;
          if (title.trim()) void add();
          else setTitle(null);
        }}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          setTitle(null);
        }}
      />
    </form>
  );
}
