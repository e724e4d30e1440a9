import { useEffect, useState } from "preact/hooks";

/** The width up to which the layout is that of a phone, as in the styles. */
export const PHONE = "(max-width: 720px)";

/** Whether a media query matches. The component renders again when it changes. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const update = () => setMatches(list.matches);
    update();
    list.addEventListener("change", update);
    return () => list.removeEventListener("change", update);
  }, [query]);
  return matches;
}
