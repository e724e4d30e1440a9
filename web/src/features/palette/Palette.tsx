import "../../styles/palette.css";
import type { TargetedKeyboardEvent } from "preact";
import { useId, useState } from "preact/hooks";
import type { Query } from "../../domain/search.ts";
import { t } from "../../i18n/translate.ts";
import { showKey } from "../../keys/show.ts";
import { IconButton } from "../../ui/Button.tsx";
import { ModalBox } from "../../ui/Dialog.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { useApp } from "../app.ts";
import { Marked } from "../Marked.tsx";
import { openQuickAdd } from "../quickadd/state.ts";
import { useFound } from "../search/find.ts";
import { isMac } from "../tasklist/platform.ts";
import { listItems, type PaletteGroup, type PaletteItem } from "./items.tsx";
import { paletteOpen } from "./state.ts";

const GROUPS: readonly PaletteGroup[] = ["tasks", "goTo", "actions"];
const MAX_TASKS = 6;

function close(): void {
  paletteOpen.value = false;
}

/** Run an item after the palette is gone, so that what it opens gets the focus. */
function choose(item: PaletteItem | undefined): void {
  if (!item) return;
  close();
  setTimeout(item.run);
}

/** The command palette: go to a page, run an action, or find a task. */
export function Palette() {
  const app = useApp();
  const id = useId();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [done, setDone] = useState(false);
  const found = useFound(text, { done, limit: MAX_TASKS });
  const items = listItems(app, text, found.query, found);
  const active = Math.min(at, items.length - 1);
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLInputElement>) => {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      if (event.ctrlKey || event.metaKey) addTask(text);
      else choose(items[active]);
    } else if (event.key === "Tab" && !event.shiftKey) setDone(!done);
    else {
      const next = findNext(event.key, active, items.length);
      if (next === null) return;
      setAt(next);
    }
    event.preventDefault();
  };
  return (
    <ModalBox label={t("palette.label")} class="palette" onClose={close}>
      <div class="palette-in">
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls={id}
          aria-autocomplete="list"
          aria-activedescendant={items[active] ? `${id}-${active}` : undefined}
          aria-label={t("palette.placeholder")}
          placeholder={t("palette.placeholder")}
          autocomplete="off"
          spellcheck={false}
          enterkeyhint="go"
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <kbd aria-hidden="true">Esc</kbd>
        <IconButton class="phone-only" icon="x" label={t("ui.close")} onClick={close} />
      </div>
      <div class="palette-list" id={id} role="listbox" aria-label={t("palette.results")}>
        {GROUPS.map((group) => (
          <Group key={group} {...{ id, group, items, active, query: found.query }} />
        ))}
      </div>
      <Foot done={done} />
    </ModalBox>
  );
}

function addTask(text: string): void {
  close();
  setTimeout(() => openQuickAdd({ text }));
}

function findNext(key: string, at: number, count: number): number | null {
  if (key === "ArrowDown") return (at + 1) % count;
  if (key === "ArrowUp") return (at - 1 + count) % count;
  if (key === "PageDown") return count - 1;
  if (key === "PageUp") return 0;
  return null;
}

interface GroupProps {
  id: string;
  group: PaletteGroup;
  items: readonly PaletteItem[];
  active: number;
  query: Query;
}

function Group({ id, group, items, active, query }: GroupProps) {
  const lines = [...items.entries()].filter(([, item]) => item.group === group);
  if (lines.length === 0) return null;
  return (
    <div role="group" aria-labelledby={`${id}-${group}`}>
      <div class="menu-title" id={`${id}-${group}`}>
        {t(`palette.${group}`)}
      </div>
      {lines.map(([index, item]) => (
        <Line
          key={item.id}
          id={`${id}-${index}`}
          item={item}
          active={index === active}
          query={query}
        />
      ))}
    </div>
  );
}

interface LineProps {
  id: string;
  item: PaletteItem;
  active: boolean;
  query: Query;
}

function Line({ id, item, active, query }: LineProps) {
  const keys = item.shortcut?.split(/[ +]/) ?? [];
  return (
    <div
      class="menu-item"
      role="option"
      id={id}
      aria-selected={active}
      onClick={() => choose(item)}
      ref={active ? (element) => element?.scrollIntoView({ block: "nearest" }) : null}
    >
      <span class="mark">{item.mark}</span>
      <bdi class="t">
        <Marked text={item.label} query={query} />
      </bdi>
      <span class="end">
        {item.end}
        {keys.map((key) => (
          <kbd key={key} aria-hidden="true">
            {showKey(key, isMac())}
          </kbd>
        ))}
      </span>
    </div>
  );
}

function Foot({ done }: { done: boolean }) {
  return (
    <div class="palette-foot" aria-hidden="true">
      <span>
        <kbd>↑</kbd>
        <kbd>↓</kbd>
        {t("palette.choose")}
      </span>
      <span>
        <kbd>↵</kbd>
        {t("palette.open")}
      </span>
      <span>
        <kbd>Tab</kbd>
        {t(done ? "palette.onlyOpen" : "palette.alsoDone")}
      </span>
    </div>
  );
}
