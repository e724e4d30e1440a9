import { lazy } from "../../ui/lazy.tsx";

/** The board. Its code is loaded when it is first shown. */
export const BoardPage = lazy(async () => (await import("./BoardPage.tsx")).BoardPage);
