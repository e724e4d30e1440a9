import { BoardPage } from "../features/board/lazy.ts";
import { usePageTitle } from "../features/shell/title.ts";
import { t } from "../i18n/translate.ts";

/** `/board`: all tasks of the workspace as a board. */
export function Board() {
  usePageTitle(t("nav.board"));
  return (
    <BoardPage
      title={t("nav.board")}
      name="board"
      scope={{ index: "all", value: "" }}
      defaults={{}}
    />
  );
}
