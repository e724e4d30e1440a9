import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { TaskRow } from "../../domain/rows.ts";
import type { Query } from "../../domain/search.ts";
import { getDay } from "../../domain/zones.ts";
import { t } from "../../i18n/translate.ts";
import { matchKey } from "../../keys/match.ts";
import { IconButton } from "../../ui/Button.tsx";
import { VirtualList, type VirtualListHandle } from "../../ui/VirtualList.tsx";
import { useApp } from "../app.ts";
import { Dot } from "../Dot.tsx";
import { describeDay } from "../due-label.ts";
import { look } from "../look.ts";
import { Marked } from "../Marked.tsx";
import type { Trashed } from "./trashed.ts";

export interface TrashListProps {
  found: readonly Trashed[];
  /** The search, whose words are marked. */
  query: Query;
  canEdit: boolean;
  onRestore: (row: TaskRow) => void;
  /** Is asked before anything is deleted. */
  onPurge: (row: TaskRow) => void;
}

const STEPS = new Map([
  ["next", 1],
  ["previous", -1],
  ["first", Number.NEGATIVE_INFINITY],
  ["last", Number.POSITIVE_INFINITY],
]);

/** Height of a row until it is measured, in pixels. */
const ESTIMATE = 48;

/** The rows of the trash. One of them has the tab stop; keys restore and delete it. */
export function TrashList(props: TrashListProps) {
  const { found } = props;
  const [at, setAt] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const handle = useRef<VirtualListHandle>({ scrollTo: () => {} });
  // When the last row disappears, the one before it has the tab stop.
  const active = Math.max(0, Math.min(at, found.length - 1));
  const moved = useRef(false);
  const focus = useKeptFocus(box, moved);
  useEffect(() => {
    if (focus()) handle.current.scrollTo(active);
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const { singleKeys } = look.peek();
    const options = { singleKeys, typing: false };
    const own = matchKey(event, ["trash"], null, options).command;
    const command = own ?? matchKey(event, ["list"], null, options).command;
    const step = STEPS.get(command ?? "");
    const row = found[active]?.row;
    if (step !== undefined) setAt(Math.max(0, Math.min(active + step, found.length - 1)));
    else if (command === "restore" && row && props.canEdit) props.onRestore(row);
    else if (command === "purge" && row && props.canEdit) props.onPurge(row);
    else return;
    moved.current = true;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div ref={box}>
      <VirtualList
        label={t("nav.trash")}
        count={found.length}
        getKey={(index) => found[index]?.row.id ?? ""}
        estimate={() => ESTIMATE}
        activeIndex={active}
        handle={handle}
        onKeyDown={onKeyDown}
        renderRow={(index) => {
          const item = found[index];
          if (!item) return null;
          return (
            <TrashRow
              {...props}
              item={item}
              index={index}
              active={index === active}
              onFocus={() => setAt(index)}
            />
          );
        }}
      />
    </div>
  );
}

/**
 * Keeps the focus in a list whose rows disappear: a row that is removed loses it without an event.
 *
 * @param moved set when the tab stop has moved by a key.
 * @returns a function that puts the focus on the row with the tab stop, if the list had it.
 */
function useKeptFocus(
  box: RefObject<HTMLDivElement | null>,
  moved: RefObject<boolean>,
): () => boolean {
  const had = useRef(false);
  useEffect(() => {
    const element = box.current;
    const enter = () => {
      had.current = true;
    };
    const leave = ({ relatedTarget: next }: FocusEvent) => {
      const isInside =
        next instanceof Element && (element?.contains(next) || next.closest("dialog"));
      if (next !== null && !isInside) had.current = false;
    };
    element?.addEventListener("focusin", enter);
    element?.addEventListener("focusout", leave);
    return () => {
      element?.removeEventListener("focusin", enter);
      element?.removeEventListener("focusout", leave);
    };
  }, [box]);
  return () => {
    const isLost = had.current && document.activeElement === document.body;
    if (!isLost && !moved.current) return false;
    moved.current = false;
    box.current?.querySelector<HTMLElement>('[role="row"][tabindex="0"]')?.focus();
    return true;
  };
}

interface TrashRowProps extends TrashListProps {
  item: Trashed;
  index: number;
  active: boolean;
  onFocus: () => void;
}

function TrashRow({ item: { row, below }, index, active, query, ...props }: TrashRowProps) {
  const { replica, clock } = useApp();
  const category = replica.categories.value.find(({ id }) => id === row.category_id);
  const day = getDay(Date.parse(row.deleted_at ?? ""), replica.person.time_zone);
  const deleted = t("trash.deleted", { day: describeDay(day, clock.today.value) });
  const title = row.title || t("list.untitled");
  const label = [title, deleted, category?.name].filter(Boolean).join(", ");
  return (
    <div
      class="trash-row"
      role="row"
      aria-rowindex={index + 1}
      aria-label={label}
      tabIndex={active ? 0 : -1}
      onFocusIn={props.onFocus}
    >
      <div role="gridcell" class="t">
        <bdi>
          <Marked text={title} query={query} />
        </bdi>
      </div>
      <div role="gridcell" class="meta-text">
        <span>{deleted}</span>
        {below > 0 && <span>{t("trash.below", { count: below })}</span>}
        {category && (
          <span>
            <Dot color={category.color} />
            <bdi>{category.name}</bdi>
          </span>
        )}
      </div>
      {props.canEdit && (
        <div role="gridcell" class="tools">
          <IconButton
            icon="undo"
            label={t("trash.restoreLabel", { title })}
            tabIndex={-1}
            onClick={() => props.onRestore(row)}
          />
          <IconButton
            icon="trash"
            label={t("trash.purgeLabel", { title })}
            tabIndex={-1}
            onClick={() => props.onPurge(row)}
          />
        </div>
      )}
    </div>
  );
}
