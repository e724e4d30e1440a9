import { useEffect, useState } from "preact/hooks";
import { formatNumber } from "../../i18n/format.ts";
import { t } from "../../i18n/translate.ts";
import { useApp } from "../app.ts";
import { countFound } from "./compile.ts";

/** Changes come in bursts, and other things are more urgent. */
const DELAY_MS = 300;

/** The number of open tasks that a saved filter finds, counted a moment after each change. */
export function FilterCount({ text }: { text: string }) {
  const app = useApp();
  const { replica, clock } = app;
  const [count, setCount] = useState(0);
  const all = replica.bucket("all", "").value;
  const [categories, tags, today] = [
    replica.categories.value,
    replica.tags.value,
    clock.today.value,
  ];
  useEffect(() => {
    const timer = setTimeout(() => setCount(countFound(app, text)), DELAY_MS);
    return () => clearTimeout(timer);
  }, [app, text, all, categories, tags, today]);
  if (count === 0) return null;
  return (
    <span class="count">
      <span aria-hidden="true">{formatNumber(count)}</span>
      <span class="sr">{t("nav.open", { count })}</span>
    </span>
  );
}
