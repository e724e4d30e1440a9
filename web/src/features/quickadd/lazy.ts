import { language } from "../../i18n/translate.ts";
import { lazy } from "../../ui/lazy.tsx";

/** Quick add with its parser and the words of the language. The shell loads it when it is idle. */
export const QuickAdd = lazy(async () => {
  const [{ QuickAdd: loaded }, { loadWords }] = await Promise.all([
    import("./QuickAdd.tsx"),
    import("./parse.ts"),
  ]);
  await loadWords(language.value);
  return loaded;
});
