import { lazy } from "../../ui/lazy.tsx";

/** The command palette. Its code is loaded when it is first opened. */
export const Palette = lazy(async () => (await import("./Palette.tsx")).Palette);
