import { useApp } from "../features/app.ts";
import { TaskPanel } from "../features/panel/lazy.ts";
import { usePageTitle } from "../features/shell/title.ts";
import { t } from "../i18n/translate.ts";
import { NotFound } from "./NotFound.tsx";

/** `/t/214`: the panel alone. */
export function Task({ number }: { number: string }) {
  const { replica } = useApp();
  // The index of numbers is filled while the tasks are loaded.
  replica.status.value;
  const id = /^\d+$/.test(number) ? replica.findByNumber(Number(number)) : number;
  const row = id === undefined ? undefined : replica.watchTask(id).value;
  usePageTitle(row?.title ?? t("task.label"));
  if (!row) return <NotFound />;
  return (
    <div class="task-alone">
      <TaskPanel id={row.id} alone />
    </div>
  );
}
