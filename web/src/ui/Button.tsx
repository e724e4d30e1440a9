import type { ComponentChildren, TargetedMouseEvent } from "preact";
import { Icon, type IconName } from "./Icon.tsx";

export interface ButtonProps {
  /** `primary` is the one main action of a page. */
  look?: "primary" | "quiet" | "link" | "danger" | "danger-fill";
  icon?: IconName;
  type?: "button" | "submit";
  /** Shown as disabled. The button keeps the focus, so that a screen reader can explain it. */
  disabled?: boolean;
  class?: string;
  shortcut?: string;
  onClick?: (event: MouseEvent) => void;
  children: ComponentChildren;
}

/** A button with a text. */
export function Button(props: ButtonProps) {
  const { look, icon, type = "button", disabled = false, class: extra, shortcut } = props;
  const names = ["btn", look && `btn-${look}`, extra].filter(Boolean).join(" ");
  const click = (event: MouseEvent) => {
    if (disabled) event.preventDefault();
    else props.onClick?.(event);
  };
  return (
    <button
      class={names}
      type={type}
      aria-disabled={disabled ? "true" : undefined}
      aria-keyshortcuts={shortcut}
      onClick={click}
    >
      {icon && <Icon name={icon} />}
      {props.children}
    </button>
  );
}

export interface IconButtonProps {
  icon: IconName;
  /** The name for screen readers, and the tooltip. */
  label: string;
  small?: boolean;
  pressed?: boolean;
  expanded?: boolean;
  class?: string;
  tabIndex?: number;
  "aria-haspopup"?: "dialog" | "menu";
  onClick?: (event: TargetedMouseEvent<HTMLButtonElement>) => void;
}

/** A button that shows an icon only. */
export function IconButton(props: IconButtonProps) {
  const names = ["icon-btn", props.small && "icon-btn-sm", props.class].filter(Boolean).join(" ");
  return (
    <button
      class={names}
      type="button"
      title={props.label}
      aria-label={props.label}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
      aria-haspopup={props["aria-haspopup"]}
      tabIndex={props.tabIndex}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  );
}
