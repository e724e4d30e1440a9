/** The first segments of the addresses of pages. The server serves the app at these, and at `/`. */
export const SECTIONS = [
  "today",
  "upcoming",
  "inbox",
  "board",
  "category",
  "tag",
  "filter",
  "search",
  "t",
  "activity",
  "statistics",
  "trash",
  "settings",
  "administration",
  "add",
  "share",
  "signin",
  "signup",
  "invitation",
] as const;

export type Section = (typeof SECTIONS)[number];
