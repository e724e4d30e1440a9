const SIGNS: Readonly<Record<string, string>> = {
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  Delete: "Del",
};

/**
 * A key of the table as it is printed on keyboards: `Ctrl ↓`, `⌘ Z`.
 *
 * @param isMac whether the keyboard has ⌘.
 */
export function showKey(key: string, isMac: boolean): string {
  return key
    .split("+")
    .map((part) => {
      if (part === "Mod") return isMac ? "⌘" : "Ctrl";
      if (part === "Alt" && isMac) return "⌥";
      return SIGNS[part] ?? part;
    })
    .join(" ");
}
