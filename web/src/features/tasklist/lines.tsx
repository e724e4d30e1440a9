import { formatNumber } from "../../i18n/format.ts";
import { t } from "../../i18n/translate.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import type { Entry, FoldEntry, GroupEntry } from "./entries.ts";
import type { ListState } from "./state.ts";

interface OtherLineProps {
  entry: Exclude<Entry, { kind: "task" }>;
  index: number;
  state: ListState;
}

/** A line of a list that is no task: a heading, a fold or a note. */
export function OtherLine({ entry, index, state }: OtherLineProps) {
  switch (entry.kind) {
    case "group":
      return <GroupLine entry={entry} index={index} state={state} />;
    case "fold":
      return <FoldLine entry={entry} index={index} state={state} />;
    case "note":
      return (
        <div role="row" aria-rowindex={index + 1}>
          <div role="gridcell">{entry.content}</div>
        </div>
      );
  }
}

interface GroupLineProps {
  entry: GroupEntry;
  index: number;
  state: ListState;
}

function GroupLine({ entry, index, state }: GroupLineProps) {
  return (
    <div
      class={index === 0 ? "group-row is-first" : "group-row"}
      role="row"
      aria-rowindex={index + 1}
    >
      <div role="gridcell">
        {entry.fold && <GroupFold entry={entry} fold={entry.fold} state={state} />}
        <h2>{entry.label}</h2>{" "}
        {entry.count !== undefined && <span class="tally">{formatNumber(entry.count)}</span>}
        {entry.action && (
          <button
            class="btn btn-link"
            type="button"
            aria-haspopup="dialog"
            onClick={(event) => entry.action?.run(event.currentTarget)}
          >
            {entry.action.label}
          </button>
        )}
        {entry.add && (
          <IconButton
            icon="plus"
            label={entry.add.label}
            tabIndex={-1}
            onClick={() => entry.add?.run()}
          />
        )}
      </div>
    </div>
  );
}

interface GroupFoldProps {
  entry: GroupEntry;
  fold: NonNullable<GroupEntry["fold"]>;
  state: ListState;
}

function GroupFold({ entry, fold, state }: GroupFoldProps) {
  return (
    <button
      class="fold-btn fold"
      type="button"
      data-key={entry.key}
      aria-label={t(fold.open ? "options.closeGroup" : "options.openGroup", {
        name: entry.label,
      })}
      aria-expanded={fold.open}
      tabIndex={state.active.value === entry.key ? 0 : -1}
      onFocusIn={() => {
        state.active.value = entry.key;
      }}
      onClick={fold.toggle}
    >
      <Icon name={fold.open ? "chevron-down" : "chevron-right"} />
    </button>
  );
}

function FoldLine({ entry, index, state }: { entry: FoldEntry; index: number; state: ListState }) {
  return (
    <div role="row" aria-rowindex={index + 1}>
      <div role="gridcell">
        <button
          class="done-fold"
          type="button"
          data-key={entry.key}
          aria-expanded={entry.open}
          tabIndex={state.active.value === entry.key ? 0 : -1}
          onFocusIn={() => {
            state.active.value = entry.key;
          }}
          onClick={entry.toggle}
        >
          <Icon name={entry.open ? "chevron-down" : "chevron-right"} />
          {entry.label} <span class="meta-text">{formatNumber(entry.count)}</span>
        </button>
      </div>
    </div>
  );
}
