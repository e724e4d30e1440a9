import { lazy } from "../../ui/lazy.tsx";

/** The panel of a task. Its code is loaded when the first task is opened. */
export const TaskPanel = lazy(async () => (await import("./TaskPanel.tsx")).TaskPanel);
