import { effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../../i18n/translate.ts";

export interface PageTitle {
  readonly page: string;
  /** Shown before the name of the page, if it is not 0. */
  readonly count: number;
}

/** The title of the tab. */
export const pageTitle = signal<PageTitle | null>(null);

/** Give the tab a title while a page is shown. */
export function usePageTitle(page: string, count = 0): void {
  useEffect(() => {
    pageTitle.value = { page, count };
  }, [page, count]);
}

/** Write the title into the document. Returns a function that stops it. */
export function writeTitle(): () => void {
  return effect(() => {
    const title = pageTitle.value;
    if (title === null) document.title = t("app.name");
    else if (title.count === 0) document.title = t("app.title", { page: title.page });
    else document.title = t("app.titleCount", { number: title.count, page: title.page });
  });
}
