import "../../styles/panel.css";
import "../../styles/markdown.css";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n/translate.ts";
import { matchKey } from "../../keys/match.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Checkbox } from "../../ui/Checkbox.tsx";
import { setQuery } from "../../ui/location.tsx";
import { useApp } from "../app.ts";
import { look } from "../look.ts";
import { canEdit } from "../people.tsx";
import { copyLink } from "../tasklist/commands.ts";
import { isShownDone, toggleDone } from "../tasklist/edits.ts";
import { shownOrder } from "../tasklist/order.ts";
import { isTyping } from "../tasklist/typing.ts";
import { Description } from "./Description.tsx";
import { PanelMenu } from "./PanelMenu.tsx";
import { Properties } from "./Properties.tsx";
import { Subtasks } from "./Subtasks.tsx";
import { TitleField } from "./TitleField.tsx";

export interface TaskPanelProps {
  id: string;
  /** The panel is the page: there is no list beside it. */
  alone?: boolean;
}

/** A task beside the list: all fields, each saved on its own. On a phone it is a sheet. */
export function TaskPanel({ id, alone = false }: TaskPanelProps) {
  const app = useApp();
  const box = useRef<HTMLElement>(null);
  const row = app.replica.watchTask(id).value;
  const mayEdit = canEdit(app.replica);
  usePanelKeys(id, box);
  if (!row || row.deleted_at !== null) return <Gone />;
  const priority = t("priority.said", {
    number: row.priority,
    name: t(`priority.${row.priority}`),
  });
  const title = row.title || t("list.untitled");
  return (
    <>
      {!alone && (
        <button
          class="panel-scrim"
          type="button"
          tabIndex={-1}
          aria-label={t("ui.close")}
          onClick={close}
        />
      )}
      <aside ref={box} class="panel" aria-label={title}>
        <div class="panel-bar">
          <span class="meta-text">
            {row.number === null ? t("panel.notSent") : `#${row.number}`}
          </span>
          <Steps id={id} />
          <IconButton icon="link" label={t("task.copyLink")} onClick={() => copyLink(app, id)} />
          {mayEdit && <PanelMenu id={id} onClose={close} />}
          {!alone && <IconButton icon="x" label={t("ui.close")} onClick={close} />}
        </div>
        <div class="panel-body">
          {alone ? <h1 class="sr">{title}</h1> : <h2 class="sr">{title}</h2>}
          <div class="panel-title">
            <Checkbox
              checked={isShownDone(row)}
              tone={`p${row.priority}`}
              label={t("list.completeLabel", { title: row.title, priority })}
              disabled={!mayEdit}
              onToggle={() => void toggleDone(app.replica, [id])}
            />
            {mayEdit ? <TitleField key={id} row={row} /> : <span>{title}</span>}
          </div>
          <Properties row={row} />
          <Description key={id} row={row} />
          <Subtasks id={id} level={alone ? 2 : 3} />
        </div>
      </aside>
    </>
  );
}

function close(): void {
  setQuery("task", null);
}

function Gone() {
  return (
    <aside class="panel" aria-label={t("task.label")}>
      <div class="panel-bar">
        <span class="meta-text" />
        <IconButton icon="x" label={t("ui.close")} onClick={close} />
      </div>
      <div class="panel-body">
        <div>
          <h2>{t("panel.gone")}</h2>
          <p class="muted">{t("panel.goneDetail")}</p>
        </div>
      </div>
    </aside>
  );
}

/** Previous and next task of the list behind the panel. */
function Steps({ id }: { id: string }) {
  const order = shownOrder.value;
  const at = order.indexOf(id);
  if (at < 0) return null;
  const go = (step: number) => stepFrom(id, step);
  return (
    <>
      {at > 0 && (
        <IconButton icon="chevron-up" label={t("panel.previous")} onClick={() => go(-1)} />
      )}
      {at < order.length - 1 && (
        <IconButton icon="chevron-down" label={t("panel.next")} onClick={() => go(1)} />
      )}
    </>
  );
}

function stepFrom(id: string, step: number): void {
  const order = shownOrder.peek();
  const next = order[order.indexOf(id) + step];
  // A step leaves nothing behind: "Back" returns to the list.
  if (next !== undefined) setQuery("task", next, true);
}

function usePanelKeys(id: string, box: { current: HTMLElement | null }): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
      const isInside = box.current?.contains(document.activeElement) ?? false;
      if (event.key === "Escape" && !document.querySelector(":popover-open")) {
        close();
        return;
      }
      const options = { singleKeys: look.peek().singleKeys, typing: isTyping(event.target) };
      const { command } = matchKey(event, ["panel"], null, options);
      if (command === "close" && isInside) close();
      else if (command === "nextTask") stepFrom(id, 1);
      else if (command === "previousTask") stepFrom(id, -1);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [id, box]);
}
