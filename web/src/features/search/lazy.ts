import { lazy } from "../../ui/lazy.tsx";

/** The search page. Its code is loaded when it is first opened. */
export const SearchPage = lazy(async () => (await import("./SearchPage.tsx")).SearchPage);
