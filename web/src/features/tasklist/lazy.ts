import { lazy } from "../../ui/lazy.tsx";

/** The boxes of rows. Their code is loaded when the shell is idle. */
export const RowMenu = lazy(async () => (await import("./RowMenu.tsx")).RowMenu);
export const DateMenu = lazy(async () => (await import("./DateMenu.tsx")).DateMenu);
