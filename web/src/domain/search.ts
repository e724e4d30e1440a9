/**
 * Search as you type over titles, descriptions, and names of categories and tags.
 *
 * Words are those of the server's search (`domain/search_query.py`): without case and accents, each
 * a prefix; `"phrases"` and `-excluded` words match whole words. Unlike the server, a word is also
 * found within a word, in the last places.
 */
import type { TaskRow } from "./rows.ts";
import { getRowWords } from "./rowWords.ts";
import { isAscii, joinWords, splitWords } from "./text.ts";

/** Consecutive words to search for. */
export interface Term {
  readonly words: readonly string[];
  /** Whether the last word may be the beginning of a word, or a part of one. */
  readonly isPrefix: boolean;
}

/** A parsed query: all `required` terms and none of the `excluded` terms must match. */
export interface Query {
  readonly required: readonly Term[];
  readonly excluded: readonly Term[];
}

/** A category or a tag. */
export interface SearchedName {
  readonly id: string;
  readonly name: string;
}

/** A task that was found. `findMarks` returns the parts of its texts to highlight. */
export interface SearchHit {
  readonly id: string;
  readonly rank: Rank;
}

/** What has been found so far. */
export interface SearchResult {
  /** Open tasks first, then by rank, then in the order of the rows. */
  readonly hits: readonly SearchHit[];
  /** The number of tasks that match. There may be fewer hits, because of the limit. */
  readonly total: number;
}

/**
 * Where a task matches: 0 at the start of the title, 1 at the start of a word of the title, 2 within
 * a word of the title, 3 at the start of a word of a name or the description, 4 within such a word.
 * With several terms, it is the worst of their ranks, except for 0.
 */
export type Rank = 0 | 1 | 2 | 3 | 4;

export interface SearchOptions {
  /** The maximum number of hits. */
  readonly limit?: number;
  /** The number of tasks from one yield to the next. */
  readonly slice?: number;
}

const MAX_TERMS = 30;
const TERM = /(-?)(?:"([^"]*)"?|([^\s"]+))/g;
const RANKS: readonly Rank[] = [0, 1, 2, 3, 4];
/** How a text matches a term. */
const [NONE, WITHIN, WORD, START] = [0, 1, 2, 3];

/** Parse words, `"phrases"`, and excluded `-words`. Every text is a valid search. */
export function parseSearch(text: string): Query {
  const required: Term[] = [];
  const excluded: Term[] = [];
  for (const [, minus, phrase, word] of text.matchAll(TERM)) {
    const words = splitWords(phrase ?? word ?? "");
    if (words.length === 0) continue;
    const isExcluded = minus === "-";
    const term = { words, isPrefix: phrase === undefined && !isExcluded };
    (isExcluded ? excluded : required).push(term);
  }
  return { required: required.slice(0, MAX_TERMS), excluded: excluded.slice(0, MAX_TERMS) };
}

/**
 * Search tasks in slices. Yields what has been found after each slice, and at the end.
 *
 * @param query - the query. Without a required term, it finds nothing.
 * @param sources - the tasks, for example first the open ones, then the others.
 * @param names - the categories and the tags.
 */
export function* searchTasks(
  query: Query,
  sources: readonly Iterable<TaskRow>[],
  names: readonly SearchedName[],
  { limit = 100, slice = 2000 }: SearchOptions = {},
): Generator<SearchResult, void> {
  const findRank = makeRanking(query, names);
  const [open, closed] = [RANKS.map((): SearchHit[] => []), RANKS.map((): SearchHit[] => [])];
  let [total, scanned] = [0, 0];
  const collect = () => ({ hits: [...open, ...closed].flat().slice(0, limit), total });
  for (const source of sources) {
    for (const task of source) {
      const rank = findRank(task);
      if (rank !== null) {
        const isOpen = task.status === "todo" || task.status === "in_progress";
        const hits = (isOpen ? open : closed)[rank];
        if (hits !== undefined && hits.length < limit) hits.push({ id: task.id, rank });
        total += 1;
      }
      scanned += 1;
      if (scanned % slice === 0) yield collect();
    }
  }
  yield collect();
}

/** Search tasks at once. */
export function searchAll(
  query: Query,
  tasks: Iterable<TaskRow>,
  names: readonly SearchedName[],
  options: SearchOptions = {},
): SearchResult {
  let result: SearchResult = { hits: [], total: 0 };
  for (result of searchTasks(query, [tasks], names, options));
  return result;
}

/** Returns the rank of a task; null if it does not match. Made once per query. */
function makeRanking(query: Query, names: readonly SearchedName[]): (task: TaskRow) => Rank | null {
  const required = query.required.map((term) => new Matcher(term, names));
  const excluded = query.excluded.map((term) => new Matcher(term, names));
  if (required.length === 0) return () => null;
  return (task) => {
    if (excluded.some((matcher) => matcher.findRank(task) !== null)) return null;
    let [worst, isAtStart]: [Rank, boolean] = [0, false];
    for (const matcher of required) {
      const rank = matcher.findRank(task);
      if (rank === null) return null;
      isAtStart ||= rank === 0;
      if (rank > worst) worst = rank;
    }
    return worst === 1 && isAtStart ? 0 : worst;
  };
}

/** Searches for one term. */
class Matcher {
  readonly #phrase: string;
  readonly #isPrefix: boolean;
  readonly #names: ReadonlyMap<string, number>;
  /** For ASCII text: anywhere, and at the start of a word. Null if the term is not ASCII. */
  readonly #within: RegExp | null;
  readonly #atWord: RegExp | null;

  constructor({ words, isPrefix }: Term, names: readonly SearchedName[]) {
    this.#phrase = words.join(" ") + (isPrefix ? "" : " ");
    this.#isPrefix = isPrefix;
    const pattern = words.join("[^a-z0-9]+") + (isPrefix ? "" : "(?![a-z0-9])");
    const canBeAscii = words.every(isAscii);
    this.#within = canBeAscii ? new RegExp(pattern, "i") : null;
    this.#atWord = canBeAscii ? new RegExp(`(?<![a-z0-9])${pattern}`, "i") : null;
    const found = names.map(({ id, name }) => [id, this.#matchWords(joinWords(name))] as const);
    this.#names = new Map(found.filter(([, match]) => match !== NONE));
  }

  findRank(task: TaskRow): Rank | null {
    const title = this.#match(task, "title");
    if (title === START) return 0;
    if (title === WORD) return 1;
    if (title === WITHIN) return 2;
    let best = this.#match(task, "description");
    if (this.#names.size > 0) {
      for (const id of [task.category_id ?? "", ...task.tag_ids]) {
        best = Math.max(best, this.#names.get(id) ?? NONE);
      }
    }
    if (best === NONE) return null;
    return best === WITHIN ? 4 : 3;
  }

  #match(task: TaskRow, field: "title" | "description"): number {
    const text = task[field];
    if (!isAscii(text)) return this.#matchWords(getRowWords(task, field));
    if (this.#within === null || this.#atWord === null || !this.#within.test(text)) return NONE;
    const found = this.#atWord.exec(text);
    if (found === null) return this.#isPrefix ? WITHIN : NONE;
    return /[a-z0-9]/i.test(text.slice(0, found.index)) ? WORD : START;
  }

  #matchWords(joined: string): number {
    const at = joined.indexOf(` ${this.#phrase}`);
    if (at >= 0) return at === 0 ? START : WORD;
    return this.#isPrefix && joined.includes(this.#phrase) ? WITHIN : NONE;
  }
}
