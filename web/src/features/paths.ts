/** The addresses of the pages. */

/** Addresses without a part that varies. */
export const PATHS = {
  add: "/add",
  board: "/board",
  inbox: "/inbox",
  search: "/search",
  share: "/share",
  signIn: "/signin",
  signUp: "/signup",
  today: "/today",
  trash: "/trash",
  upcoming: "/upcoming",
} as const;

export function categoryPath(id: string): string {
  return `/category/${id}`;
}

/** The page of a saved filter. */
export function filterPath(id: string): string {
  return `/filter/${id}`;
}

export function tagPath(id: string): string {
  return `/tag/${id}`;
}

/** The page of one task. A task that the server has not numbered yet has its id in the address. */
export function taskPath(task: { id: string; number: number | null }): string {
  return `/t/${task.number ?? task.id}`;
}

/** The search page with a text. */
export function searchPath(text: string): string {
  return `${PATHS.search}?q=${encodeURIComponent(text)}`;
}
