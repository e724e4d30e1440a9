import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { t } from "../i18n/translate.ts";
import { Icon } from "./Icon.tsx";
import { Popover } from "./Popover.tsx";

export interface PickerOption {
  id: string;
  label: string;
  mark?: ComponentChildren;
  checked?: boolean;
}

export interface PickerProps {
  anchor: HTMLElement;
  label: string;
  placeholder: string;
  options: readonly PickerOption[];
  /** Whether the box stays open, so that several can be chosen. */
  multiple?: boolean;
  onPick: (id: string) => void;
  /** Present if a new one can be made from the text. */
  create?: { label: (text: string) => string; run: (text: string) => void };
  onClose: () => void;
}

interface Line extends PickerOption {
  run: () => void;
}

/** A box to find and choose one or several of many. */
export function Picker(props: PickerProps) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const lines = listLines(props, text);
  const active = Math.min(at, lines.length - 1);
  const key = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt((active + 1) % lines.length);
    else if (event.key === "ArrowUp") setAt((active - 1 + lines.length) % lines.length);
    else if (event.key === "Enter" && !event.isComposing) choose(lines[active], props);
    else return;
    event.preventDefault();
  };
  return (
    <Popover
      anchor={props.anchor}
      label={props.label}
      role="dialog"
      class="picker"
      onClose={props.onClose}
    >
      <input
        class="input"
        data-autofocus
        role="combobox"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={lines[active] ? `${id}-${active}` : undefined}
        aria-label={props.placeholder}
        placeholder={props.placeholder}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={key}
      />
      <div class="picker-list" id={id} role="listbox" aria-label={props.label}>
        {lines.map((line, index) => (
          <PickerLine
            key={line.id}
            id={`${id}-${index}`}
            line={line}
            active={index === active}
            onChoose={() => choose(line, props)}
          />
        ))}
      </div>
      {lines.length === 0 && <p class="menu-title">{t("ui.noMatch")}</p>}
    </Popover>
  );
}

function listLines({ options, onPick, create }: PickerProps, text: string): Line[] {
  const wanted = text.trim().toLocaleLowerCase();
  const found = options
    .filter(({ label }) => label.toLocaleLowerCase().includes(wanted))
    .map((option) => ({ ...option, run: () => onPick(option.id) }));
  const exists = options.some(({ label }) => label.toLocaleLowerCase() === wanted);
  if (!create || !wanted || exists) return found;
  const made = { id: "new", label: create.label(text.trim()), mark: <Icon name="plus" /> };
  return [...found, { ...made, run: () => create.run(text.trim()) }];
}

function choose(line: Line | undefined, { multiple, onClose }: PickerProps): void {
  if (!line) return;
  if (!multiple) onClose();
  line.run();
}

interface PickerLineProps {
  id: string;
  line: Line;
  active: boolean;
  onChoose: () => void;
}

function PickerLine({ id, line, active, onChoose }: PickerLineProps) {
  return (
    <div
      class={active ? "menu-item is-active" : "menu-item"}
      role="option"
      id={id}
      aria-selected={line.checked ?? false}
      onClick={onChoose}
      ref={active ? (element) => element?.scrollIntoView({ block: "nearest" }) : null}
    >
      {line.mark}
      <bdi class="t">{line.label}</bdi>
      {line.checked && <Icon name="check" class="end" />}
    </div>
  );
}
