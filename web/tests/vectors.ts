/** Test vectors: files of JSON Lines in `tests/data` of the project, which the server runs too. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "../../tests/data");

/** Return the vectors of a file, for example `due-dates.jsonl`. The caller knows their shape. */
export function readVectors<Vector>(name: string): Vector[] {
  const lines = readFileSync(join(FOLDER, name), "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Vector);
}
