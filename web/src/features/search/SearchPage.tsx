import "../../styles/search.css";
import { computed, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { TaskRow } from "../../domain/rows.ts";
import { t } from "../../i18n/translate.ts";
import { announce } from "../../ui/live.ts";
import { location, setQuery } from "../../ui/location.tsx";
import { useApp } from "../app.ts";
import { Marked } from "../Marked.tsx";
import { canEdit } from "../people.tsx";
import { PageHead } from "../shell/PageHead.tsx";
import { Empty } from "../tasklist/Empty.tsx";
import type { Entry } from "../tasklist/entries.ts";
import { TaskList } from "../tasklist/TaskList.tsx";
import { Excerpt } from "./Excerpt.tsx";
import { type Found, useFound } from "./find.ts";
import { SearchField } from "./SearchField.tsx";
import { focusRequests } from "./state.ts";

/** The maximum number of results. A longer query finds the others. */
const LIMIT = 1000;

/** The search page: as you type, over all fields. The text and the switch are in the address. */
export function SearchPage() {
  const { replica } = useApp();
  const { query } = location.value;
  const text = query.get("q") ?? "";
  const done = query.has("done");
  const found = useFound(text, { done, limit: LIMIT });
  const box = useRef<HTMLDivElement>(null);
  const isReady = replica.status.value.phase === "ready" && found.text === text;
  const isEmpty = isReady && found.total === 0 && found.query.required.length > 0;
  return (
    <div class="col" ref={box}>
      <PageHead title={t("nav.search")} sub={describe(found)} />
      <div class="search-bar">
        <SearchField
          label={t("search.label")}
          value={text}
          focus={focusRequests.value}
          onInput={(value) => setQuery("q", value || null, true)}
          onLeave={() => box.current?.querySelector<HTMLElement>('[role="row"]')?.focus()}
        />
        <label class="search-done">
          <input
            type="checkbox"
            checked={done}
            onChange={(event) => setQuery("done", event.currentTarget.checked ? "" : null, true)}
          />
          {t("search.alsoDone")}
        </label>
      </div>
      {isEmpty && (
        <Empty
          title={t("search.nothing", { text: text.trim() })}
          detail={done ? undefined : t("search.nothingOpen")}
        />
      )}
      <Results found={found} />
    </div>
  );
}

function describe({ query, total, hits }: Found): string {
  if (query.required.length === 0) return t("search.help");
  if (hits.length < total) return t("search.first", { shown: hits.length, count: total });
  return t("search.found", { count: total });
}

function Results({ found }: { found: Found }) {
  const current = useSignal(found);
  current.value = found;
  const entries = useMemo(
    () =>
      computed((): Entry[] =>
        current.value.hits.map(({ id }) => ({ kind: "task", key: id, id, level: 1 })),
      ),
    [current],
  );
  const { query, total, text } = found;
  useEffect(() => {
    if (text) announce(t("search.found", { count: total }));
  }, [text, total]);
  const mayEdit = canEdit(useApp().replica);
  const options = useMemo(
    () => ({
      showCategory: true,
      canEdit: mayEdit,
      mark: (title: string) => <Marked text={title} query={query} />,
      excerpt: (row: TaskRow) => <Excerpt text={row.description} query={query} />,
    }),
    [query, mayEdit],
  );
  return <TaskList label={t("palette.results")} entries={entries} options={options} />;
}
