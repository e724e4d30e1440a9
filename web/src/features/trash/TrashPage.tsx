import "../../styles/trash.css";
import { computed } from "@preact/signals";
import { useMemo, useRef, useState } from "preact/hooks";
import { purgeTasks, restoreTasks } from "../../actions/trash.ts";
import { emptyTrash } from "../../api/trash.ts";
import type { TaskRow } from "../../domain/rows.ts";
import { parseSearch } from "../../domain/search.ts";
import { t } from "../../i18n/translate.ts";
import { Button } from "../../ui/Button.tsx";
import { showToast } from "../../ui/Toast.tsx";
import { type App, useApp } from "../app.ts";
import { canEdit } from "../people.tsx";
import { getRows } from "../rows.ts";
import { SearchField } from "../search/SearchField.tsx";
import { PageHead } from "../shell/PageHead.tsx";
import { describeProblem } from "../signin/problems.ts";
import { Empty } from "../tasklist/Empty.tsx";
import { report, reportFailure } from "../tasklist/edits.ts";
import { AskDialog } from "./AskDialog.tsx";
import { TrashList } from "./TrashList.tsx";
import { listTrashed } from "./trashed.ts";

/** The deleted tasks: restore, delete for good, empty, search. */
export function TrashPage() {
  const app = useApp();
  const { replica } = app;
  const [text, setText] = useState("");
  const [asked, setAsked] = useState<TaskRow | "all" | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const rows = useMemo(
    () => computed(() => getRows(replica, replica.bucket("trash", "").value)),
    [replica],
  ).value;
  const names = [...replica.categories.value, ...replica.tags.value];
  const found = listTrashed(rows, text, names);
  const count = rows.length;
  const isReady = replica.status.value.phase === "ready";
  const mayEdit = canEdit(replica);
  return (
    <div class="col" ref={box}>
      <PageHead title={t("nav.trash")} sub={t("trash.count", { count })}>
        {mayEdit && count > 0 && (
          <Button onClick={() => setAsked("all")}>{t("trash.empty")}</Button>
        )}
      </PageHead>
      {count > 0 && (
        <div class="search-bar">
          <SearchField
            label={t("trash.search")}
            value={text}
            onInput={setText}
            onLeave={() =>
              box.current?.querySelector<HTMLElement>('[tabindex="0"][role="row"]')?.focus()
            }
          />
        </div>
      )}
      {isReady && found.length === 0 && (
        <Empty
          title={count === 0 ? t("trash.isEmpty") : t("search.nothing", { text: text.trim() })}
        />
      )}
      <TrashList
        found={found}
        query={parseSearch(text)}
        canEdit={mayEdit}
        onRestore={(row) => void restore(app, row)}
        onPurge={setAsked}
      />
      {asked && (
        <AskDialog
          title={
            asked === "all" ? t("trash.askEmpty") : t("trash.askPurge", { title: asked.title })
          }
          detail={
            asked === "all" ? t("trash.askEmptyDetail", { count }) : t("trash.askPurgeDetail")
          }
          action={asked === "all" ? t("trash.emptyCount", { count }) : t("trash.purge")}
          onClose={() => setAsked(null)}
          onConfirm={() => void (asked === "all" ? empty(app) : purge(app, asked))}
        />
      )}
    </div>
  );
}

async function restore({ replica }: App, row: TaskRow): Promise<void> {
  await report(replica, restoreTasks(replica, [row.id]), "restored");
}

async function purge({ replica }: App, row: TaskRow): Promise<void> {
  const done = await reportFailure(purgeTasks(replica, [row.id]));
  if (done) showToast({ text: t("trash.purged", { title: row.title }) });
}

/** The server deletes all at once: also tasks whose restoring this device has not sent yet. */
async function empty({ http, replica }: App): Promise<void> {
  if (replica.status.peek().unsent > 0) {
    replica.sync();
    showToast({ text: t("trash.unsent") });
    return;
  }
  try {
    const count = await emptyTrash(http, replica.workspace.id);
    showToast({ text: t("trash.emptied", { count }) });
  } catch (error) {
    showToast({ text: describeProblem(error) });
  }
  replica.sync();
}
