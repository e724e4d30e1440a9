import { lazy } from "../../ui/lazy.tsx";

/** What filters need: their language is loaded when the first one is shown. */
export const FilterBar = lazy(async () => (await import("./FilterBar.tsx")).FilterBar);
export const FilterCount = lazy(async () => (await import("./FilterCount.tsx")).FilterCount);
export const FilterPage = lazy(async () => (await import("./FilterPage.tsx")).FilterPage);
