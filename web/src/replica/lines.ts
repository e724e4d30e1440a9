/** Three-way merge of texts by lines. */

/** Above this product of line counts, a change counts as one piece. */
const MAX_TABLE = 4_000_000;

/** The lines of the base from `from` to `to` are replaced by `lines`. */
interface Hunk {
  readonly from: number;
  readonly to: number;
  readonly lines: readonly string[];
}

/** Merge two changes of a text. Null if they change the same lines differently. */
export function mergeLines(base: string, ours: string, theirs: string): string | null {
  const lines = base.split("\n");
  const left = diffLines(lines, ours.split("\n"));
  const right = diffLines(lines, theirs.split("\n"));
  const merged: Hunk[] = [];
  for (const hunk of [...left, ...right].sort((a, b) => a.from - b.from || a.to - b.to)) {
    const last = merged.at(-1);
    if (last !== undefined && isSame(last, hunk)) continue;
    if (last !== undefined && overlap(last, hunk)) return null;
    merged.push(hunk);
  }
  return applyHunks(lines, merged).join("\n");
}

function overlap(first: Hunk, second: Hunk): boolean {
  // Two insertions at one place have no order.
  return second.from < first.to || (second.from === first.from && second.to >= first.to);
}

function isSame(a: Hunk, b: Hunk): boolean {
  return a.from === b.from && a.to === b.to && a.lines.join("\n") === b.lines.join("\n");
}

function applyHunks(lines: readonly string[], hunks: readonly Hunk[]): string[] {
  const result: string[] = [];
  let at = 0;
  for (const hunk of hunks) {
    result.push(...lines.slice(at, hunk.from), ...hunk.lines);
    at = hunk.to;
  }
  return [...result, ...lines.slice(at)];
}

function diffLines(before: readonly string[], after: readonly string[]): Hunk[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start])
    start += 1;
  let beforeEnd = before.length;
  let afterEnd = after.length;
  while (beforeEnd > start && afterEnd > start && before[beforeEnd - 1] === after[afterEnd - 1]) {
    beforeEnd -= 1;
    afterEnd -= 1;
  }
  if (start === beforeEnd && start === afterEnd) return [];
  const rows = beforeEnd - start;
  const columns = afterEnd - start;
  if (rows * columns > MAX_TABLE || rows === 0 || columns === 0) {
    return [{ from: start, to: beforeEnd, lines: after.slice(start, afterEnd) }];
  }
  return diffMiddle(before.slice(start, beforeEnd), after.slice(start, afterEnd), start);
}

/** Hunks by the longest common subsequence. */
function diffMiddle(before: readonly string[], after: readonly string[], offset: number): Hunk[] {
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] =
        before[i] === after[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
    }
  }
  const hunks: Hunk[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [fromI, fromJ] = [i, j];
    while (i < before.length || j < after.length) {
      if (i < before.length && j < after.length && before[i] === after[j]) break;
      const down = i < before.length ? (lengths[(i + 1) * width + j] ?? 0) : -1;
      const right = j < after.length ? (lengths[i * width + j + 1] ?? 0) : -1;
      if (down >= right) i += 1;
      else j += 1;
    }
    if (i > fromI || j > fromJ) {
      hunks.push({ from: offset + fromI, to: offset + i, lines: after.slice(fromJ, j) });
    }
    while (i < before.length && j < after.length && before[i] === after[j]) {
      i += 1;
      j += 1;
    }
  }
  return hunks;
}
