import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n/translate.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";

export interface SearchFieldProps {
  label: string;
  value: string;
  /** A value that changes when the field must get the focus. */
  focus?: number;
  onInput: (text: string) => void;
  /** The person goes on to what was found: with `↓` or Enter. */
  onLeave: () => void;
}

/** A field to search in. Esc empties it. */
export function SearchField({ label, value, focus, onInput, onLeave }: SearchFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focus === undefined) return;
    input.current?.focus();
    input.current?.select();
  }, [focus]);
  return (
    <search class="search-field">
      <Icon name="search" />
      <input
        ref={input}
        class="input"
        type="text"
        inputmode="search"
        enterkeyhint="search"
        autocomplete="off"
        spellcheck={false}
        aria-label={label}
        placeholder={label}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (event.key === "ArrowDown" || event.key === "Enter") onLeave();
          else if (event.key === "Escape" && value !== "") onInput("");
          else return;
          event.preventDefault();
        }}
      />
      {value !== "" && (
        <IconButton
          icon="x"
          label={t("search.clear")}
          onClick={() => {
            onInput("");
            input.current?.focus();
          }}
        />
      )}
    </search>
  );
}
