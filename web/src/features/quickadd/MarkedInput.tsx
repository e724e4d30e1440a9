import type {
  Ref,
  TargetedEvent,
  TargetedInputEvent,
  TargetedKeyboardEvent,
  TargetedMouseEvent,
} from "preact";
import type { Span } from "../../domain/quickadd/result.ts";
import { t } from "../../i18n/translate.ts";
import type { DraftIssue } from "./draft.ts";

export interface MarkedInputProps {
  input: Ref<HTMLTextAreaElement>;
  text: string;
  parts: readonly Span[];
  issues: readonly DraftIssue[];
  /** The ids of what describes the field. */
  describedBy: string;
  /** The id of the list of names that the field completes from, and of the chosen line. */
  listId: string | undefined;
  activeId: string | undefined;
  onInput: (event: TargetedInputEvent<HTMLTextAreaElement>) => void;
  onKeyDown: (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => void;
  onSelect: (event: TargetedEvent<HTMLTextAreaElement>) => void;
  onClick: (event: TargetedMouseEvent<HTMLTextAreaElement>) => void;
}

/**
 * A text field that marks the recognised parts.
 *
 * The marks are in a copy of the text behind the field. The copy also gives the field its height.
 */
export function MarkedInput(props: MarkedInputProps) {
  const isInvalid = props.issues.length > 0;
  return (
    <div class="qa-text">
      <div class="qa-marks" aria-hidden="true">
        {markParts(props.text, props.parts, props.issues)}
        {/* A line break at the end has no height without a character behind it. */}
        {"\u200b"}
      </div>
      <textarea
        ref={props.input}
        class="qa-input"
        rows={1}
        value={props.text}
        spellcheck={false}
        enterkeyhint="done"
        autocapitalize="sentences"
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls={props.listId}
        aria-activedescendant={props.activeId}
        aria-label={t("add.task")}
        aria-describedby={props.describedBy}
        aria-invalid={isInvalid ? "true" : undefined}
        placeholder={t("add.placeholder")}
        onInput={props.onInput}
        onKeyDown={props.onKeyDown}
        onSelect={props.onSelect}
        onClick={props.onClick}
      />
    </div>
  );
}

function markParts(text: string, parts: readonly Span[], issues: readonly DraftIssue[]) {
  const ranges = [
    ...parts
      .filter(({ start }) => issues.every((issue) => issue.start !== start))
      .map((part) => ({ ...part, bad: false })),
    ...issues.filter(({ start, end }) => end - start < text.length).map(asRange),
  ].sort((a, b) => a.start - b.start);
  const pieces = [];
  let at = 0;
  for (const { kind, start, end, bad } of ranges) {
    if (start < at) continue;
    if (start > at) pieces.push(text.slice(at, start));
    const piece = text.slice(start, end);
    if (bad) pieces.push(<span class="bad">{piece}</span>);
    else if (kind === "description") pieces.push(<span class="note">{piece}</span>);
    else pieces.push(<mark>{piece}</mark>);
    at = end;
  }
  pieces.push(text.slice(at));
  return pieces;
}

function asRange({ start, end }: DraftIssue) {
  return { kind: null, start, end, bad: true };
}
