import { lazy } from "../../ui/lazy.tsx";

/** The keys. Their code is loaded when they are first shown. */
export const Help = lazy(async () => (await import("./Help.tsx")).Help);
