import { expect, it } from "vitest";
import { placeBox } from "../../src/ui/place.ts";

const VIEW = { width: 400, height: 600 };
const BOX = { width: 200, height: 300 };

it("puts a box below its anchor", () => {
  const anchor = { left: 20, right: 60, top: 100, bottom: 120 };
  expect(placeBox(anchor, BOX, VIEW, false)).toEqual({ left: 20, top: 124 });
});

it("puts a box above an anchor near the bottom", () => {
  const anchor = { left: 20, right: 60, top: 500, bottom: 520 };
  expect(placeBox(anchor, BOX, VIEW, false)).toEqual({ left: 20, top: 196 });
});

it("lines up the ends", () => {
  const anchor = { left: 320, right: 360, top: 100, bottom: 120 };
  expect(placeBox(anchor, BOX, VIEW, true)).toEqual({ left: 160, top: 124 });
});

it("keeps a box inside the window", () => {
  const anchor = { left: 390, right: 398, top: 280, bottom: 300 };
  expect(placeBox(anchor, BOX, VIEW, false)).toEqual({ left: 192, top: 292 });
});
