import { t } from "../../i18n/translate.ts";
import { Segmented } from "../../ui/Segmented.tsx";
import { LabelList, type LabelListProps } from "../tasklist/LabelList.tsx";
import { getView, setView } from "../views.ts";
import { BoardPage } from "./lazy.ts";

const VIEWS = ["list", "board"] as const;

/** The tasks of a category, of a tag or of the inbox: as a list or as a board. */
export function LabelPage(props: Omit<LabelListProps, "tools">) {
  const { index, value, title, mark, defaults } = props;
  const name = `${index} ${value}`;
  const view = getView<(typeof VIEWS)[number]>(name, VIEWS);
  const tools = (
    <Segmented
      label={t("upcoming.view")}
      value={view}
      options={[
        { value: "list", label: t("board.list"), icon: "browse" },
        { value: "board", label: t("board.board"), icon: "board" },
      ]}
      onChange={(chosen) => setView(name, chosen)}
    />
  );
  if (view === "list") return <LabelList {...props} tools={tools} />;
  return <BoardPage {...{ title, mark, name, defaults, tools }} scope={{ index, value }} />;
}
