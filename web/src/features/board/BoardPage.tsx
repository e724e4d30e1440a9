import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { t } from "../../i18n/translate.ts";
import { Icon } from "../../ui/Icon.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { useApp } from "../app.ts";
import { usePageDefaults } from "../quickadd/InlineAdd.tsx";
import type { QuickAddDefaults } from "../quickadd/state.ts";
import { getRows } from "../rows.ts";
import { PageHead } from "../shell/PageHead.tsx";
import { isClosed } from "../tasklist/kept.ts";
import { getView, setView } from "../views.ts";
import { Board } from "./Board.tsx";
import { GROUPINGS, type Grouping } from "./columns.ts";
import type { Scope } from "./model.ts";

export interface BoardPageProps {
  title: string;
  mark?: ComponentChildren;
  /** The name under which the columns are remembered. */
  name: string;
  scope: Scope;
  defaults: QuickAddDefaults;
  /** The switch between list and board. */
  tools?: ComponentChildren;
}

/** The tasks of a workspace, a category or a tag as a board. */
export function BoardPage({ title, mark, name, scope, defaults, tools }: BoardPageProps) {
  const { replica } = useApp();
  usePageDefaults(defaults);
  const stored = `${name} columns`;
  const grouping = getView<Grouping>(stored, GROUPINGS);
  const rows = getRows(replica, replica.bucket(scope.index, scope.value).value);
  const open = rows.filter((row) => !isClosed(row)).length;
  return (
    <div class="col col-wide">
      <PageHead title={title} mark={mark} sub={t("nav.open", { count: open })}>
        {tools}
        <Columns grouping={grouping} onChange={(chosen) => setView(stored, chosen)} />
      </PageHead>
      <Board key={grouping} scope={scope} grouping={grouping} />
    </div>
  );
}

interface ColumnsProps {
  grouping: Grouping;
  onChange: (grouping: Grouping) => void;
}

/** The button that chooses what the columns are. */
function Columns({ grouping, onChange }: ColumnsProps) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  return (
    <>
      <button
        class="btn btn-quiet"
        type="button"
        aria-haspopup="menu"
        aria-label={`${t("board.columns")}: ${t(`board.by.${grouping}`)}`}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <Icon name="group" />
        {t(`board.by.${grouping}`)}
        <Icon name="chevron-down" />
      </button>
      {anchor && (
        <Menu
          fromEnd
          anchor={anchor}
          label={t("board.columns")}
          items={GROUPINGS.map((id) => ({
            id,
            label: t(`board.by.${id}`),
            checked: id === grouping,
            onSelect: () => onChange(id),
          }))}
          onClose={() => setAnchor(null)}
        />
      )}
    </>
  );
}
