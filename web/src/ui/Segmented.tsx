import { Icon, type IconName } from "./Icon.tsx";

export interface SegmentedProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string; icon?: IconName }[];
  onChange: (value: Value) => void;
}

/** A choice of a few views, all visible. */
export function Segmented<Value extends string>(props: SegmentedProps<Value>) {
  return (
    <div class="seg" role="group" aria-label={props.label}>
      {props.options.map(({ value, label, icon }) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === props.value}
          onClick={() => props.onChange(value)}
        >
          {icon && <Icon name={icon} />}
          {label}
        </button>
      ))}
    </div>
  );
}
