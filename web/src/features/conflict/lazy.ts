import { lazy } from "../../ui/lazy.tsx";

/** The changes that need the person. Their code is loaded when they are first shown. */
export const ConflictDialog = lazy(
  async () => (await import("./ConflictDialog.tsx")).ConflictDialog,
);
