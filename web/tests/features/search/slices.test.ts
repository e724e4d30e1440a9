import { expect, it } from "vitest";
import { runInSlices } from "../../../src/features/search/slices.ts";

function makeQueue() {
  const waiting: (() => void)[] = [];
  const later = (run: () => void) => {
    waiting.push(run);
    return () => waiting.splice(waiting.indexOf(run), 1);
  };
  return { waiting, later };
}

it("runs the first slice at once and the next one later", () => {
  const seen: number[] = [];
  const { later } = makeQueue();
  runInSlices([1, 2].values(), (value) => seen.push(value), later);
  expect(seen).toEqual([1]);
});

it("runs all slices in order", () => {
  const seen: number[] = [];
  const { waiting, later } = makeQueue();
  runInSlices([1, 2, 3].values(), (value) => seen.push(value), later);
  for (let run = waiting.shift(); run; run = waiting.shift()) run();
  expect(seen).toEqual([1, 2, 3]);
});

it("stops when a new search begins", () => {
  const { waiting, later } = makeQueue();
  runInSlices([1, 2].values(), () => {}, later)();
  expect(waiting).toEqual([]);
});
