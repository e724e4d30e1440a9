import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Day } from "../../domain/days.ts";
import type { TaskRow as Row } from "../../domain/rows.ts";
import { t } from "../../i18n/translate.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Link, location } from "../../ui/location.tsx";
import { useApp } from "../app.ts";
import { Dot } from "../Dot.tsx";
import { describeDue } from "../due-label.ts";
import { Avatar } from "../people.tsx";
import { isShownDone } from "./edits.ts";
import type { TaskEntry } from "./entries.ts";
import { kept } from "./kept.ts";
import { RowCheckbox } from "./RowCheckbox.tsx";
import { labelRow, useTags } from "./row-label.ts";
import { type ListState, toggle } from "./state.ts";
import { TitleInput } from "./TitleInput.tsx";
import type { RowTouch } from "./touch.ts";

export interface RowOptions {
  /** On this day a due time alone is shown. */
  readonly onlyTime?: Day | undefined;
  /** The heading above the row is its day: of tasks that are not late, a due time alone is shown. */
  readonly timeOnly?: boolean | undefined;
  readonly showCategory: boolean;
  /** Marks what a search has found in a text of the row. */
  readonly mark?: (text: string) => ComponentChildren;
  /** What a search has found in the description, below the title. */
  readonly excerpt?: (row: Row) => ComponentChildren;
  /** False for a viewer: no control that the server would refuse. */
  readonly canEdit: boolean;
}

export interface TaskRowProps {
  entry: TaskEntry;
  /** The number of the line, from 1. */
  index: number;
  state: ListState;
  options: RowOptions;
  /** The address that opens the task beside the list. */
  href: string;
  /** The list has levels. */
  tree: boolean;
  touch: RowTouch;
  /** The row can be dragged to another place of the list. */
  ordered?: boolean;
}

/** A task as a line of a list. */
export function TaskRow(props: TaskRowProps) {
  const { entry, index, state, options } = props;
  const { replica } = useApp();
  const current: ReadonlySignal<Row | undefined> = replica.watchTask(entry.id);
  const now = current.value;
  if (!now) return null;
  const done = isShownDone(now);
  const row = done ? (kept.value.get(entry.id)?.row ?? now) : now;
  const selected = state.selected.value.has(entry.id);
  const isOpen = location.value.query.get("task") === entry.id;
  return (
    <div
      class={nameRow(entry.id, done, state)}
      role="row"
      data-key={entry.key}
      data-drag={props.ordered ? entry.id : undefined}
      aria-rowindex={index}
      data-level={entry.level}
      aria-level={props.tree ? entry.level : undefined}
      aria-expanded={entry.fold && entry.fold === "open"}
      aria-selected={selected}
      aria-current={isOpen ? "true" : undefined}
      tabIndex={state.active.value === entry.key ? 0 : -1}
      aria-label={labelRow(row, replica, useDueText(row, options))}
      onFocusIn={() => {
        state.active.value = entry.key;
      }}
      {...props.touch.handlers(entry.id)}
    >
      <Gutter entry={entry} state={state} ordered={props.ordered ?? false} />
      <div role="gridcell" class="c-ring">
        <RowCheckbox row={row} done={done} state={state} canEdit={options.canEdit} />
      </div>
      <div role="gridcell" class="c-title">
        {state.editing.value === entry.id ? (
          <TitleInput row={row} onEnd={() => endEditing(state)} />
        ) : (
          <Link href={props.href} dir="auto" tabIndex={-1} draggable={!props.ordered}>
            <bdi>{markText(row.title, options) || t("list.untitled")}</bdi>
          </Link>
        )}
        {row.description && <Icon name="note" />}
      </div>
      <Meta row={row} done={done} options={options} />
      <CategoryCell id={options.showCategory ? row.category_id : null} options={options} />
      <Assignee id={row.assignee} />
      <MoreCell row={row} state={state} canEdit={options.canEdit} />
      <ExcerptCell row={row} options={options} />
    </div>
  );
}

function markText(text: string, { mark }: RowOptions): ComponentChildren {
  return text && mark ? mark(text) : text;
}

function ExcerptCell({ row, options }: { row: Row; options: RowOptions }) {
  const found = row.description && options.excerpt?.(row);
  return found ? (
    <div role="gridcell" class="c-excerpt">
      {found}
    </div>
  ) : null;
}

function useDueText(row: Row, options: RowOptions): string | undefined {
  return describeDue(row, useApp(), options)?.text;
}

function endEditing(state: ListState): void {
  state.editing.value = null;
}

/** The classes of a row: done, dragged, or beside the place where dragged tasks would go. */
function nameRow(id: string, done: boolean, { dragged, over }: ListState): string {
  const drop = over.value?.id === id ? over.value : null;
  const names = [
    "row",
    done && "is-done",
    dragged.value.includes(id) && "is-drag",
    drop && "is-drop",
    drop?.edge === "before" && "is-drop-before",
    drop?.isNested && "is-drop-nested",
  ];
  return names.filter(Boolean).join(" ");
}

interface GutterProps {
  entry: TaskEntry;
  state: ListState;
  ordered: boolean;
}

/** The grip, or the button that folds sub-tasks, which is also a grip. */
function Gutter({ entry, state, ordered }: GutterProps) {
  const label = t(entry.fold === "open" ? "list.fold" : "list.unfold");
  return (
    <div role="gridcell" class="c-gutter" data-grip={ordered ? "" : undefined}>
      {ordered && !entry.fold && (
        <span class="grip" title={t("list.drag")}>
          <Icon name="grip" />
        </span>
      )}
      {entry.fold && (
        <button
          class="fold-btn"
          type="button"
          tabIndex={-1}
          aria-label={label}
          title={label}
          aria-expanded={entry.fold === "open"}
          onClick={() => toggle(state.folded, entry.id)}
        >
          <Icon name={entry.fold === "open" ? "chevron-down" : "chevron-right"} />
        </button>
      )}
    </div>
  );
}

/** Due date, repeat, sub-tasks, tags; in a narrow list also the category. */
function Meta({ row, done, options }: { row: Row; done: boolean; options: RowOptions }) {
  const app = useApp();
  const due = describeDue(row, app, options);
  const tags = useTags(row, app.replica);
  const category = app.replica.categories.value.find(({ id }) => id === row.category_id);
  return (
    <div role="gridcell" class="c-meta">
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
          <bdi>@{markText(name, options)}</bdi>
        </span>
      ))}
      {options.showCategory && category && (
        <span class="in-meta">
          <Dot color={category.color} />
          <bdi>{markText(category.name, options)}</bdi>
        </span>
      )}
    </div>
  );
}

/** The number of done sub-tasks: `1/2`. */
export function SubtaskCount({ id }: { id: string }) {
  const { replica } = useApp();
  const children = [...replica.bucket("parent", id).value];
  if (children.length === 0) return null;
  const done = children.filter((child) => {
    const status = replica.task(child)?.status;
    return status === "done" || status === "cancelled";
  }).length;
  return (
    <span title={t("list.subtasks")}>
      <Icon name="subtasks" />
      <span aria-hidden="true">
        {done}/{children.length}
      </span>
      <span class="sr">{t("list.subtasksDone", { done, total: children.length })}</span>
    </span>
  );
}

function CategoryCell({ id, options }: { id: string | null; options: RowOptions }) {
  const { replica } = useApp();
  const category = replica.categories.value.find((each) => each.id === id);
  return (
    <div role="gridcell" class="c-cat">
      {category && (
        <span title={category.name}>
          <Dot color={category.color} />
          <bdi class="t">{markText(category.name, options)}</bdi>
        </span>
      )}
    </div>
  );
}

function Assignee({ id }: { id: string | null }) {
  const { replica } = useApp();
  const member = replica.members.value.find((each) => each.id === id);
  return (
    <div role="gridcell" class="c-who">
      {member && (
        <span title={member.name}>
          <Avatar member={member} />
          <span class="sr">{t("list.assignedTo", { name: member.name })}</span>
        </span>
      )}
    </div>
  );
}

function MoreCell({ row, state, canEdit }: { row: Row; state: ListState; canEdit: boolean }) {
  return (
    <div role="gridcell" class="c-more">
      {canEdit && (
        <IconButton
          small
          icon="more"
          label={t("list.moreFor")}
          aria-haspopup="menu"
          tabIndex={-1}
          onClick={(event) => {
            state.menu.value = { kind: "more", ids: [row.id], anchor: event.currentTarget };
          }}
        />
      )}
    </div>
  );
}
