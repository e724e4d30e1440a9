import { lazy } from "../../ui/lazy.tsx";

/** The trash. Its code is loaded when it is first opened. */
export const TrashPage = lazy(async () => (await import("./TrashPage.tsx")).TrashPage);
