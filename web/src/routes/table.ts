/** The addresses of the app. Pages that are not built yet are not listed. */

export type Page =
  | { name: "add" }
  | { name: "board" }
  | { name: "category"; id: string }
  | { name: "filter"; id: string }
  | { name: "inbox" }
  | { name: "notFound" }
  | { name: "search" }
  | { name: "signIn" }
  | { name: "signUp"; invitation: string | null }
  | { name: "tag"; id: string }
  | { name: "task"; number: string }
  | { name: "today" }
  | { name: "trash" }
  | { name: "upcoming" };

const FIXED: ReadonlyMap<string, Page> = new Map([
  ["/", { name: "today" }],
  ["/add", { name: "add" }],
  ["/board", { name: "board" }],
  ["/inbox", { name: "inbox" }],
  ["/search", { name: "search" }],
  ["/share", { name: "add" }],
  ["/signin", { name: "signIn" }],
  ["/signup", { name: "signUp", invitation: null }],
  ["/today", { name: "today" }],
  ["/trash", { name: "trash" }],
  ["/upcoming", { name: "upcoming" }],
]);

/** The page of a path, such as `/category/0190…`. A slash at the end does not matter. */
export function findPage(path: string): Page {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, "") : path;
  const fixed = FIXED.get(trimmed);
  if (fixed) return fixed;
  const [, name, value = ""] = /^\/([a-z]+)\/([^/]+)$/.exec(trimmed) ?? [];
  switch (name) {
    case "category":
    case "filter":
    case "tag":
      return { name, id: value };
    case "invitation":
      return { name: "signUp", invitation: value };
    case "t":
      return { name: "task", number: value };
    default:
      return { name: "notFound" };
  }
}
