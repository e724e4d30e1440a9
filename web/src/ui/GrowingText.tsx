import type { TargetedKeyboardEvent } from "preact";

export interface GrowingTextProps {
  label: string;
  class?: string;
  value: string;
  placeholder?: string;
  autoFocus?: boolean;
  onInput: (value: string) => void;
  onBlur?: () => void;
  onKeyDown?: (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => void;
}

/** A text field that is as high as its text. A copy of the text behind it gives the height. */
export function GrowingText(props: GrowingTextProps) {
  return (
    <div class={["growing", props.class].filter(Boolean).join(" ")}>
      <div class="growing-copy" aria-hidden="true">
        {props.value || props.placeholder}
        {"\u200b"}
      </div>
      <textarea
        rows={1}
        aria-label={props.label}
        placeholder={props.placeholder}
        value={props.value}
        ref={props.autoFocus ? focusOnce : null}
        onInput={(event) => props.onInput(event.currentTarget.value)}
        onBlur={props.onBlur}
        onKeyDown={props.onKeyDown}
      />
    </div>
  );
}

function focusOnce(element: HTMLTextAreaElement | null): void {
  element?.focus();
}
