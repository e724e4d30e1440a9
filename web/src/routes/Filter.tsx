import { useApp } from "../features/app.ts";
import { FilterPage } from "../features/filters/lazy.ts";
import { usePageTitle } from "../features/shell/title.ts";
import { t } from "../i18n/translate.ts";
import { NotFound } from "./NotFound.tsx";

/** `/filter/:id`: the tasks that a saved filter finds. */
export function Filter({ id }: { id: string }) {
  const { replica } = useApp();
  const filter = replica.filters.value.find((each) => each.id === id);
  usePageTitle(filter?.name ?? t("filter.title"));
  if (!filter) return <NotFound />;
  return <FilterPage key={id} filter={filter} />;
}
