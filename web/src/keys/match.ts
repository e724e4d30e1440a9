import { BINDINGS, type Binding, type Command, type KeyScope } from "./table.ts";

/** What a key event says, as far as matching needs it. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  /** An input method composes a character: no key is a command. */
  readonly isComposing?: boolean;
}

export interface MatchOptions {
  /** Keys without a modifier that type a character. Can be switched off (WCAG 2.1.4). */
  readonly singleKeys: boolean;
  /** The focus is in a field: only keys with Ctrl or ⌘ are commands there. */
  readonly typing: boolean;
}

/** The first key of a chord that is being typed, such as `g`. */
export type Pending = string | null;

export interface Match {
  readonly command: Command | null;
  /** What the next key follows. */
  readonly pending: Pending;
}

const NONE: Match = { command: null, pending: null };

/**
 * Find the command of a key.
 *
 * @param scopes the places that have the focus: `["list"]`. Keys for everywhere always work.
 * @param pending the first key of a chord, as the match before this one returned it.
 */
export function matchKey(
  press: KeyPress,
  scopes: readonly KeyScope[],
  pending: Pending,
  options: MatchOptions,
): Match {
  const name = nameKey(press);
  if (press.isComposing || name === null) return { command: null, pending };
  const isPlain = !press.ctrlKey && !press.metaKey;
  // A field has its own undo.
  if (options.typing && (isPlain || name.endsWith("+z"))) return NONE;
  const isCharacter = press.key.length === 1 && isPlain && !press.altKey;
  if (isCharacter && !options.singleKeys) return NONE;
  const chord = pending === null ? name : `${pending} ${name}`;
  const usable = BINDINGS.filter(({ scope }) => scope === "everywhere" || scopes.includes(scope));
  const found = usable.find((binding) => binding.keys.includes(chord));
  if (found) return { command: found.command, pending: null };
  if (pending === null && startsChord(usable, name)) return { command: null, pending: name };
  return NONE;
}

/**
 * The name of a key as in the table: modifiers in the order Mod, Alt, Shift, and the character.
 * Shift is named only where it types no other character. Null for a modifier alone.
 */
export function nameKey(press: KeyPress): string | null {
  if (["Alt", "Control", "Meta", "Shift", "AltGraph", "Dead"].includes(press.key)) return null;
  const isCharacter = press.key.length === 1;
  const isMod = press.ctrlKey || press.metaKey;
  // AltGr types characters on many layouts, and reports Alt and Ctrl.
  if (isCharacter && press.altKey && press.ctrlKey) return press.key;
  const parts = [];
  if (isMod) parts.push("Mod");
  if (press.altKey) parts.push("Alt");
  if (press.shiftKey && (!isCharacter || isMod)) parts.push("Shift");
  const isLetterWithMod = isCharacter && isMod;
  return [...parts, isLetterWithMod ? press.key.toLowerCase() : press.key].join("+");
}

function startsChord(bindings: readonly Binding[], name: string): boolean {
  return bindings.some(({ keys }) => keys.some((key) => key.startsWith(`${name} `)));
}
