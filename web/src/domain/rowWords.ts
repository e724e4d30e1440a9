/**
 * The searchable words of rows, remembered as long as the row exists. Rows are immutable. Only rows
 * with characters beyond ASCII need it: ASCII text is searched as it is.
 */
import type { TaskRow } from "./rows.ts";
import { joinWords } from "./text.ts";

interface Words {
  title: string | null;
  description: string | null;
}

const wordsOfRows = new WeakMap<TaskRow, Words>();

/** Return the words of the title or the description of a task, as {@link joinWords} does. */
export function getRowWords(task: TaskRow, field: "title" | "description"): string {
  let words = wordsOfRows.get(task);
  if (words === undefined) {
    words = { title: null, description: null };
    wordsOfRows.set(task, words);
  }
  let joined = words[field];
  if (joined === null) {
    joined = joinWords(task[field]);
    words[field] = joined;
  }
  return joined;
}
