import type { ComponentChildren, TargetedInputEvent } from "preact";
import { useId, useState } from "preact/hooks";
import { t } from "../i18n/translate.ts";
import { Icon } from "./Icon.tsx";

export interface FieldProps {
  label: string;
  hint?: string | undefined;
  /** What is wrong with the value, and how to mend it. */
  error?: string | undefined;
  /** Gets the attributes that connect the control with its label, hint and error. */
  children: (attributes: FieldAttributes) => ComponentChildren;
  /** Shown below the control, described by `describedBy`. */
  below?: ComponentChildren;
}

export interface FieldAttributes {
  id: string;
  "aria-invalid": "true" | undefined;
  "aria-describedby": string | undefined;
}

/** A labelled control with its hint and its error. */
export function Field({ label, hint, error, below, children }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`, below && `${id}-below`];
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({
        id,
        "aria-invalid": error ? "true" : undefined,
        "aria-describedby": described.filter(Boolean).join(" ") || undefined,
      })}
      {hint && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
      {below && <div id={`${id}-below`}>{below}</div>}
    </div>
  );
}

/** An error beside its control. */
export function FieldError({ id, children }: { id?: string; children: ComponentChildren }) {
  return (
    <span class="error" id={id}>
      <Icon name="warning" />
      <span>{children}</span>
    </span>
  );
}

export interface TextFieldProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  type?: "text" | "email" | "password";
  name?: string;
  autoComplete?: string;
  hint?: string | undefined;
  error?: string | undefined;
  below?: ComponentChildren;
  autoFocus?: boolean;
}

/** A field with one line of text. A password can be shown, and is pasted like any text. */
export function TextField(props: TextFieldProps) {
  const { type = "text" } = props;
  const [shown, setShown] = useState(false);
  const read = (event: TargetedInputEvent<HTMLInputElement>) =>
    props.onInput(event.currentTarget.value);
  return (
    <Field label={props.label} hint={props.hint} error={props.error} below={props.below}>
      {(attributes) => {
        const shared = {
          ...attributes,
          class: "input",
          name: props.name,
          value: props.value,
          autocomplete: props.autoComplete,
          autofocus: props.autoFocus,
          spellcheck: false,
          autocapitalize: type === "text" ? "words" : "none",
          onInput: read,
        } as const;
        if (type === "text") return <input {...shared} type="text" />;
        if (type === "email") return <input {...shared} type="email" />;
        return (
          <PasswordBox shown={shown} onToggle={() => setShown(!shown)}>
            {shown ? <input {...shared} type="text" /> : <input {...shared} type="password" />}
          </PasswordBox>
        );
      }}
    </Field>
  );
}

interface PasswordBoxProps {
  shown: boolean;
  onToggle: () => void;
  children: ComponentChildren;
}

function PasswordBox({ shown, onToggle, children }: PasswordBoxProps) {
  const label = t(shown ? "ui.hidePassword" : "ui.showPassword");
  return (
    <div class="input-wrap">
      {children}
      <button
        class="icon-btn"
        type="button"
        aria-label={label}
        title={label}
        aria-pressed={shown}
        onClick={onToggle}
      >
        <Icon name="eye" />
      </button>
    </div>
  );
}

export interface SelectFieldProps {
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
  error?: string | undefined;
}

/** A field that offers a choice. */
export function SelectField({ label, value, options, onChange, error }: SelectFieldProps) {
  return (
    <Field label={label} error={error}>
      {(attributes) => (
        <div class="select">
          <select
            {...attributes}
            class="input"
            value={value}
            onChange={(event) => onChange(event.currentTarget.value)}
          >
            {options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ))}
          </select>
          <Icon name="chevron-down" />
        </div>
      )}
    </Field>
  );
}
