import { lazy } from "../../ui/lazy.tsx";

/** The calendar. Its code is loaded when it is first shown. */
export const CalendarPage = lazy(async () => (await import("./CalendarPage.tsx")).CalendarPage);
