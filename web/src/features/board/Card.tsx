import type { TaskRow as Row } from "../../domain/rows.ts";
import { t } from "../../i18n/translate.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Link, location } from "../../ui/location.tsx";
import { useApp } from "../app.ts";
import { Dot } from "../Dot.tsx";
import { describeDue } from "../due-label.ts";
import { Avatar, canEdit } from "../people.tsx";
import { isShownDone } from "../tasklist/edits.ts";
import { kept } from "../tasklist/kept.ts";
import { RowCheckbox } from "../tasklist/RowCheckbox.tsx";
import { labelRow, useTags } from "../tasklist/row-label.ts";
import type { ListState } from "../tasklist/state.ts";
import { SubtaskCount } from "../tasklist/TaskRow.tsx";
import { TitleInput } from "../tasklist/TitleInput.tsx";

export interface CardProps {
  id: string;
  /** The number of the card in its column, from 0. */
  index: number;
  state: ListState;
  showCategory: boolean;
  /** The card is being dragged. */
  isDragged: boolean;
  /** Where a dragged card would go: before this card, or after it. */
  drop: "after" | "before" | null;
}

/** A task as a card of a board. */
export function Card({ id, index, state, showCategory, isDragged, drop }: CardProps) {
  const app = useApp();
  const now = app.replica.watchTask(id).value;
  if (!now) return null;
  const done = isShownDone(now);
  const row = done ? (kept.value.get(id)?.row ?? now) : now;
  const names = [
    "card",
    done && "is-done",
    isDragged && "is-dragged",
    drop && `is-drop-${drop}`,
    location.value.query.get("task") === id && "is-open",
  ];
  return (
    <div
      class={names.filter(Boolean).join(" ")}
      role="row"
      data-key={id}
      data-drag={id}
      aria-rowindex={index + 1}
      aria-selected={state.selected.value.has(id)}
      aria-label={labelRow(row, app.replica, describeDue(row, app)?.text)}
      tabIndex={state.active.value === id ? 0 : -1}
      onFocusIn={() => {
        state.active.value = id;
      }}
    >
      <div role="gridcell">
        <RowCheckbox canEdit={canEdit(app.replica)} row={row} done={done} state={state} />
      </div>
      <div role="gridcell" class="card-head">
        <Title row={row} state={state} />
        {canEdit(app.replica) && (
          <IconButton
            small
            icon="more"
            label={t("list.moreFor")}
            aria-haspopup="menu"
            tabIndex={-1}
            onClick={(event) => {
              state.menu.value = { kind: "more", ids: [id], anchor: event.currentTarget };
            }}
          />
        )}
      </div>
      <Meta row={row} done={done} showCategory={showCategory} />
    </div>
  );
}

function Title({ row, state }: { row: Row; state: ListState }) {
  if (state.editing.value === row.id) {
    const end = () => {
      state.editing.value = null;
    };
    return <TitleInput row={row} onEnd={end} />;
  }
  return (
    <Link
      class="card-title"
      href={`${location.value.path}?task=${row.id}`}
      tabIndex={-1}
      draggable={false}
    >
      <bdi>{row.title || t("list.untitled")}</bdi>
    </Link>
  );
}

interface MetaProps {
  row: Row;
  done: boolean;
  showCategory: boolean;
}

/** Due date, repeat, sub-tasks, tags, category and assignee. */
function Meta({ row, done, showCategory }: MetaProps) {
  const app = useApp();
  const { replica } = app;
  const due = describeDue(row, app);
  const tags = useTags(row, replica);
  const category = replica.categories.value.find(({ id }) => id === row.category_id);
  const member = replica.members.value.find(({ id }) => id === row.assignee);
  return (
    <div role="gridcell" class="card-meta">
      {due && <span class={due.late && !done ? "late" : undefined}>{due.text}</span>}
      {row.repeat_rule && (
        <span title={t("list.repeats")}>
          <Icon name="repeat" />
          <span class="sr">{t("list.repeats")}</span>
        </span>
      )}
      <SubtaskCount id={row.id} />
      {tags.map((name) => (
        <span key={name}>
          <bdi>@{name}</bdi>
        </span>
      ))}
      {showCategory && category && (
        <span>
          <Dot color={category.color} />
          <bdi>{category.name}</bdi>
        </span>
      )}
      {member && (
        <span class="card-who" title={member.name}>
          <Avatar member={member} />
          <span class="sr">{t("list.assignedTo", { name: member.name })}</span>
        </span>
      )}
    </div>
  );
}
