import "../../styles/filters.css";
import { useEffect, useId, useRef } from "preact/hooks";
import type { FilterProblem } from "../../domain/filter/errors.ts";
import type { Piece } from "../../domain/filter/highlight.ts";
import { t } from "../../i18n/translate.ts";
import { FieldError } from "../../ui/Field.tsx";
import { useApp } from "../app.ts";
import { type ReadFilter, readFilter } from "./compile.ts";
import { describeProblem, describeWarning, listAlternatives, replaceWrong } from "./texts.ts";

export interface FilterFieldProps {
  value: string;
  autoFocus?: boolean;
  onInput: (text: string) => void;
  onEnter?: () => void;
  onEscape?: () => void;
}

/**
 * A field for the text of a filter. Its conditions are marked, and an error is underlined at its
 * position and explained below, with what may stand there instead.
 */
export function FilterField({ value, autoFocus, onInput, onEnter, onEscape }: FilterFieldProps) {
  const app = useApp();
  const id = useId();
  const input = useRef<HTMLTextAreaElement>(null);
  const read = readFilter(app, value);
  useEffect(() => {
    if (autoFocus) input.current?.focus();
  }, [autoFocus]);
  const put = (problem: FilterProblem, word: string) => {
    const { text, at } = replaceWrong(value, problem, word);
    onInput(text);
    input.current?.focus();
    // The field has its new text after the next render.
    setTimeout(() => input.current?.setSelectionRange(at, at));
  };
  return (
    <div class="filter-field">
      <div class={read.problem ? "filter-text is-invalid" : "filter-text"}>
        <div class="filter-marks" aria-hidden="true">
          {read.pieces.map((piece) => (
            <span key={piece.start} class={getMark(piece)}>
              {piece.text}
            </span>
          ))}
          {"\u200b"}
        </div>
        <textarea
          ref={input}
          rows={1}
          value={value}
          spellcheck={false}
          autocapitalize="none"
          autocomplete="off"
          enterkeyhint="done"
          aria-label={t("filter.text")}
          placeholder={t("filter.placeholder")}
          aria-invalid={read.problem ? "true" : undefined}
          aria-describedby={id}
          onInput={(event) => onInput(event.currentTarget.value.replace(/\s*\n\s*/g, " "))}
          onKeyDown={(event) => {
            if (event.isComposing) return;
            if (event.key === "Enter") onEnter?.();
            else if (event.key === "Escape" && onEscape) onEscape();
            else return;
            event.preventDefault();
            event.stopPropagation();
          }}
        />
      </div>
      <div id={id} class="filter-notes" aria-live="polite">
        <Notes read={read} onPut={put} />
      </div>
    </div>
  );
}

interface NotesProps {
  read: ReadFilter;
  onPut: (problem: FilterProblem, word: string) => void;
}

/** What is wrong, what may stand there instead, and what cannot be found. */
function Notes({ read: { problem, warnings }, onPut }: NotesProps) {
  if (problem === null) {
    return (
      <>
        {warnings.map((warning) => (
          <span key={`${warning.start} ${warning.name}`} class="meta-text">
            {describeWarning(warning)}
          </span>
        ))}
      </>
    );
  }
  return (
    <>
      <FieldError>{describeProblem(problem)}</FieldError>
      {listAlternatives(problem).map((word) => (
        <button key={word} class="chip" type="button" onClick={() => onPut(problem, word)}>
          {word}
        </button>
      ))}
    </>
  );
}

/** The class of a piece of the text: a condition, one with a warning, or the wrong part. */
function getMark({ kind, state }: Piece): string | undefined {
  if (state === "error") return "f-bad";
  if (state === "warning") return "f-warn";
  const isCondition = kind !== null && kind !== "operator" && kind !== "parenthesis";
  return isCondition ? "f-ok" : undefined;
}
