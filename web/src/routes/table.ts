/** The addresses of the app. Pages that are not built yet are not listed. */

export type Page =
  | { name: "add" }
  | { name: "category"; id: string }
  | { name: "inbox" }
  | { name: "notFound" }
  | { name: "signIn" }
  | { name: "signUp" }
  | { name: "tag"; id: string }
  | { name: "task"; number: string }
  | { name: "today" };

const FIXED: Readonly<Record<string, Page>> = {
  "/": { name: "today" },
  "/add": { name: "add" },
  "/inbox": { name: "inbox" },
  "/share": { name: "add" },
  "/signin": { name: "signIn" },
  "/signup": { name: "signUp" },
  "/today": { name: "today" },
};

/** The page of a path, such as `/category/0190…`. A slash at the end does not matter. */
export function findPage(path: string): Page {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, "") : path;
  const fixed = FIXED[trimmed];
  if (fixed) return fixed;
  const [, name, value] = /^\/([a-z]+)\/([^/]+)$/.exec(trimmed) ?? [];
  if (value === undefined) return { name: "notFound" };
  if (name === "category" || name === "tag") return { name, id: value };
  return name === "t" ? { name: "task", number: value } : { name: "notFound" };
}
