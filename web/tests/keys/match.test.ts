import { describe, expect, it } from "vitest";
import { type KeyPress, matchKey, nameKey } from "../../src/keys/match.ts";
import { BINDINGS } from "../../src/keys/table.ts";

const PLAIN = { ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };
const OPTIONS = { singleKeys: true, typing: false };

function press(key: string, modifiers: Partial<KeyPress> = {}): KeyPress {
  return { ...PLAIN, key, ...modifiers };
}

describe("matchKey", () => {
  it("finds a key that works everywhere", () => {
    expect(matchKey(press("q"), ["list"], null, OPTIONS).command).toBe("add");
  });

  it("finds a key of the list", () => {
    expect(matchKey(press("c"), ["list"], null, OPTIONS).command).toBe("complete");
  });

  it("ignores a key of the list elsewhere", () => {
    expect(matchKey(press("c"), [], null, OPTIONS).command).toBeNull();
  });

  it("waits for the second key of a chord", () => {
    expect(matchKey(press("g"), [], null, OPTIONS)).toEqual({ command: null, pending: "g" });
  });

  it("finds a chord", () => {
    expect(matchKey(press("i"), [], "g", OPTIONS).command).toBe("goInbox");
  });

  it("prefers the chord to the key of the list", () => {
    expect(matchKey(press("t"), ["list"], "g", OPTIONS).command).toBe("goToday");
  });

  it("keeps a chord while Shift goes down", () => {
    expect(matchKey(press("Shift"), [], "g", OPTIONS).pending).toBe("g");
  });

  it("forgets a chord after another key", () => {
    expect(matchKey(press("z"), [], "g", OPTIONS)).toEqual({ command: null, pending: null });
  });

  it("ignores characters in a field", () => {
    expect(matchKey(press("q"), [], null, { ...OPTIONS, typing: true }).command).toBeNull();
  });

  it("finds keys with Ctrl in a field", () => {
    const options = { ...OPTIONS, typing: true };
    const match = matchKey(press("Enter", { ctrlKey: true }), ["panel"], null, options);
    expect(match.command).toBe("close");
  });

  it("leaves undo to the field", () => {
    const options = { ...OPTIONS, typing: true };
    expect(matchKey(press("z", { ctrlKey: true }), [], null, options).command).toBeNull();
  });

  it("ignores characters that are switched off", () => {
    expect(matchKey(press("q"), [], null, { ...OPTIONS, singleKeys: false }).command).toBeNull();
  });

  it("keeps the arrows when characters are switched off", () => {
    const match = matchKey(press("ArrowDown"), ["list"], null, { ...OPTIONS, singleKeys: false });
    expect(match.command).toBe("next");
  });

  it("ignores keys of an input method", () => {
    expect(matchKey(press("q", { isComposing: true }), [], null, OPTIONS).command).toBeNull();
  });

  it("finds a character that needs Shift on some layouts", () => {
    expect(matchKey(press("?", { shiftKey: true }), [], null, OPTIONS).command).toBe("help");
  });
});

describe("nameKey", () => {
  it("names ⌘ and Ctrl alike", () => {
    expect(nameKey(press("z", { metaKey: true }))).toBe("Mod+z");
  });

  it("names a capital letter with a modifier by its small one", () => {
    expect(nameKey(press("Z", { ctrlKey: true, shiftKey: true }))).toBe("Mod+Shift+z");
  });

  it("names a character typed with AltGr by itself", () => {
    expect(nameKey(press("@", { ctrlKey: true, altKey: true }))).toBe("@");
  });

  it("names no modifier alone", () => {
    expect(nameKey(press("Control", { ctrlKey: true }))).toBeNull();
  });
});

describe("the table", () => {
  it.each(["list", "panel"] as const)("has no key twice where %s has the focus", (scope) => {
    const usable = BINDINGS.filter((each) => each.scope === "everywhere" || each.scope === scope);
    const keys = usable.flatMap((each) => each.keys);
    expect(keys).toEqual([...new Set(keys)]);
  });
});
