import { useEffect } from "preact/hooks";
import { PATHS } from "../features/paths.ts";
import { openQuickAdd } from "../features/quickadd/state.ts";
import { location, navigate } from "../ui/location.tsx";

/**
 * `/add?title=` and `/share?title=&text=&url=`: opens quick add with what another app or a bookmark
 * sends. The text is put in quotation marks where it is not meant as dates and names.
 */
export function Add() {
  useEffect(() => {
    const { query } = location.peek();
    const title = query.get("title") ?? query.get("text") ?? "";
    const notes = [query.get("title") ? query.get("text") : null, query.get("url")];
    const note = notes.filter(Boolean).join(" ");
    const text = [title, note && `// ${note}`].filter(Boolean).join(" ").replaceAll("\n", " ");
    navigate(PATHS.today, { replace: true });
    openQuickAdd({ text });
  }, []);
  return null;
}
