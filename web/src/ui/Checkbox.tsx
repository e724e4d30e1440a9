import { Icon } from "./Icon.tsx";

export interface CheckboxProps {
  checked: boolean;
  /** The name for screen readers. */
  label: string;
  /** A class for the look: `p1` … `p5`. */
  tone?: string;
  /** `ring` completes something, `box` selects something. */
  shape?: "ring" | "box";
  small?: boolean;
  /** Null: the box follows no focus order of its own, because its row handles the keys. */
  inTabOrder?: boolean;
  disabled?: boolean;
  onToggle?: (event: MouseEvent) => void;
}

/** A round or square checkbox. */
export function Checkbox(props: CheckboxProps) {
  const { shape = "ring", inTabOrder = true } = props;
  const names = [shape, props.tone, props.small && `${shape}-sm`].filter(Boolean).join(" ");
  return (
    <button
      class={names}
      type="button"
      role="checkbox"
      aria-checked={props.checked}
      aria-label={props.label}
      aria-disabled={props.disabled ? "true" : undefined}
      tabIndex={inTabOrder ? undefined : -1}
      onClick={(event) => {
        event.stopPropagation();
        if (!props.disabled) props.onToggle?.(event);
      }}
    >
      <Icon name="check" />
    </button>
  );
}
