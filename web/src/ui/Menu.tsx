import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./Icon.tsx";
import { Popover } from "./Popover.tsx";

export interface MenuItem {
  id: string;
  label: string;
  icon?: IconName;
  /** Shown in place of the icon: a dot or a ring. */
  mark?: ComponentChildren;
  /** The key that does the same. */
  shortcut?: string | undefined;
  /** A word at the end of the line. */
  end?: string;
  danger?: boolean;
  disabled?: boolean;
  checked?: boolean;
  /** A line above this item. */
  separated?: boolean;
  onSelect: () => void;
}

export interface MenuProps {
  anchor: HTMLElement;
  label: string;
  items: readonly MenuItem[];
  fromEnd?: boolean;
  onClose: () => void;
}

/** A menu. The arrow keys, Home, End and the first letter of an item move in it. */
export function Menu({ anchor, label, items, fromEnd, onClose }: MenuProps) {
  return (
    <Popover anchor={anchor} label={label} role="menu" fromEnd={fromEnd ?? false} onClose={onClose}>
      <div class="menu-body" role="presentation" onKeyDown={moveFocus}>
        {items.map((item) => (
          <MenuLine key={item.id} item={item} onClose={onClose} />
        ))}
      </div>
    </Popover>
  );
}

function MenuLine({ item, onClose }: { item: MenuItem; onClose: () => void }) {
  const select = () => {
    if (item.disabled) return;
    onClose();
    item.onSelect();
  };
  return (
    <>
      {item.separated && <hr />}
      <button
        class={item.danger ? "menu-item is-danger" : "menu-item"}
        type="button"
        role={item.checked === undefined ? "menuitem" : "menuitemradio"}
        aria-checked={item.checked}
        aria-disabled={item.disabled ? "true" : undefined}
        onClick={select}
      >
        {item.icon ? <Icon name={item.icon} /> : item.mark}
        <span class="t">{item.label}</span>
        {item.end && <span class="end">{item.end}</span>}
        {item.checked && <Icon name="check" class="end" />}
        {item.shortcut && <kbd aria-hidden="true">{item.shortcut}</kbd>}
      </button>
    </>
  );
}

/** Moves the focus between the buttons of a box by the keys of a menu. */
export function moveFocus(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>(".menu-item")];
  const at = items.findIndex((item) => item.matches(":focus"));
  const next = findNext(event.key, at, items);
  if (next === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  items[next]?.focus();
}

function findNext(key: string, at: number, items: readonly HTMLElement[]): number | undefined {
  if (key === "ArrowDown") return (at + 1) % items.length;
  if (key === "ArrowUp") return (at - 1 + items.length) % items.length;
  if (key === "Home") return 0;
  if (key === "End") return items.length - 1;
  if (key.length !== 1 || key === " ") return undefined;
  const order = [...items.keys()].map((_, step) => (at + 1 + step) % items.length);
  return order.find((index) =>
    items[index]?.textContent.toLocaleLowerCase().startsWith(key.toLocaleLowerCase()),
  );
}
