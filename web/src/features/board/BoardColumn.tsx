import type { RefObject } from "preact";
import { formatNumber } from "../../i18n/format.ts";
import { t } from "../../i18n/translate.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { VirtualColumn } from "../../ui/VirtualColumn.tsx";
import type { VirtualListHandle } from "../../ui/VirtualList.tsx";
import type { ListState } from "../tasklist/state.ts";
import { Card } from "./Card.tsx";
import type { Column } from "./columns.ts";

export interface BoardColumnProps {
  column: Column;
  name: string;
  state: ListState;
  showCategory: boolean;
  dragged: readonly string[];
  /** The index of the card before which dragged ones would go; null if not into this column. */
  over: number | null;
  handle: RefObject<VirtualListHandle>;
  /** Null for a viewer. */
  onAdd: (() => void) | null;
}

/** The expected height of a card in pixels, until it is measured. */
const CARD_PX = 68;

/** A column of a board: its cards scroll by themselves, and only those in view are in the document. */
export function BoardColumn(props: BoardColumnProps) {
  const { column, name, state, over, onAdd } = props;
  const { rows } = column;
  const count = rows.length;
  const addLabel = t("board.addTo", { name });
  return (
    <section
      class={over !== null && count === 0 ? "board-col is-drop" : "board-col"}
      data-column={column.key}
      aria-label={t("board.columnLabel", { name, count })}
    >
      <header>
        <h2>
          <bdi>{name}</bdi>
        </h2>
        <span class="tally">{formatNumber(count)}</span>
        {onAdd && <IconButton small icon="plus" label={addLabel} onClick={onAdd} />}
      </header>
      <VirtualColumn
        label={name}
        class="board-list"
        count={count}
        getKey={(index) => rows[index]?.id ?? ""}
        estimate={CARD_PX}
        gap={8}
        activeIndex={rows.findIndex(({ id }) => id === state.active.value)}
        handle={props.handle}
        renderRow={(index) => {
          const id = rows[index]?.id;
          if (id === undefined) return null;
          const isLast = over === count && index === count - 1;
          return (
            <Card
              id={id}
              index={index}
              state={state}
              showCategory={props.showCategory}
              isDragged={props.dragged.includes(id)}
              drop={over === index ? "before" : isLast ? "after" : null}
            />
          );
        }}
      />
      {onAdd && (
        <button class="add-card" type="button" onClick={onAdd}>
          <Icon name="plus" />
          {t("list.addHere")}
        </button>
      )}
    </section>
  );
}
