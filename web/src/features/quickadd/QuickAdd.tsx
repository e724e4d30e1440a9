import { useEffect, useId, useRef, useState } from "preact/hooks";
import { createTasks, type NewTask } from "../../actions/create.ts";
import { findTypedName } from "../../domain/quickadd/editing.ts";
import type { SpanKind } from "../../domain/quickadd/result.ts";
import { language, t } from "../../i18n/translate.ts";
import { Button } from "../../ui/Button.tsx";
import { FieldError } from "../../ui/Field.tsx";
import { useApp } from "../app.ts";
import { report } from "../tasklist/edits.ts";
import { Chips } from "./Chips.tsx";
import { describeIssue, describeParts } from "./describe.ts";
import { type Draft, makeDefaults, makeTasks, readDraft } from "./draft.ts";
import { MarkedInput } from "./MarkedInput.tsx";
import { listNames, type NameOption } from "./names.tsx";
import { loadWords } from "./parse.ts";
import type { QuickAddDefaults } from "./state.ts";
import {
  complete,
  type Edited,
  replacePart,
  splitLines,
  undoPartAt,
  undoPartBefore,
} from "./text.ts";

export interface QuickAddProps {
  defaults: QuickAddDefaults;
  onClose: () => void;
}

/** The field that reads a task from one line of text. */
export function QuickAdd({ defaults, onClose }: QuickAddProps) {
  const { replica, clock } = useApp();
  const field = useField(defaults.text ?? "");
  const id = useId();
  const [tried, setTried] = useState(false);
  const add = useAdd(field, defaults, onClose);
  const isMany = field.text.includes("\n");
  const draft = readDraft(field.text, replica, clock.now());
  const issues = draft.errors.filter(({ code }) => code !== "no_title" || tried);
  const names = useNames(field);
  useEffect(() => {
    void loadWords(language.value);
  }, []);

  const submit = () => {
    const tasks = makeTasks(field.text, replica, clock.now());
    setTried(tasks === null);
    if (tasks) void add(tasks);
  };
  const keys = (event: KeyboardEvent) =>
    names.onKey(event) || onKey(event, field, draft, submit, onClose);

  return (
    <form
      class="qa"
      aria-label={t("add.label")}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div class="qa-line">
        <span class={`ring p${draft.priority ?? 3}`} aria-hidden="true" />
        <MarkedInput
          input={field.input}
          text={field.text}
          parts={isMany ? [] : draft.parsed.spans}
          issues={isMany ? [] : [...issues, ...draft.parsed.warnings]}
          describedBy={`${id}-parts ${id}-issues`}
          listId={names.options.length > 0 ? `${id}-names` : undefined}
          activeId={names.options.length > 0 ? `${id}-names-${names.at}` : undefined}
          onInput={(event) => field.read(event.currentTarget)}
          onSelect={(event) => field.read(event.currentTarget)}
          onKeyDown={(event) => {
            if (keys(event)) event.preventDefault();
          }}
          onClick={() => {
            const undone = isMany ? null : undoPartAt(field.now(), draft.parsed.spans);
            if (undone) field.set(undone);
          }}
        />
      </div>
      <Names id={`${id}-names`} names={names} />
      {!isMany && (
        <Chips
          draft={draft}
          defaults={defaults}
          onWord={(kind, word) => field.setPart(draft, kind, word)}
          onSign={(sign) => field.set(replacePart(field.text, undefined, sign))}
        />
      )}
      <div id={`${id}-issues`}>
        {[...issues, ...draft.parsed.warnings].map((issue) => (
          <FieldError key={`${issue.code}${issue.start}`}>{describeIssue(issue, draft)}</FieldError>
        ))}
      </div>
      <Foot text={field.text} onClose={onClose} />
      <p class="sr" id={`${id}-parts`} aria-live="polite">
        {isMany ? "" : describeParts(draft, clock.today.value)}
      </p>
    </form>
  );
}

/** Add tasks. The text stays in the field until they are stored. */
function useAdd(field: Field, defaults: QuickAddDefaults, onClose: () => void) {
  const { replica } = useApp();
  const isStoring = useRef(false);
  return async (tasks: readonly NewTask[]): Promise<void> => {
    if (isStoring.current) return;
    isStoring.current = true;
    const { text } = field;
    const created = createTasks(replica, tasks, makeDefaults(defaults));
    const done = await report(replica, created, "added");
    isStoring.current = false;
    if (done === null) return;
    field.remove(text);
    if (defaults.place) onClose();
  };
}

function Foot({ text, onClose }: { text: string; onClose: () => void }) {
  const count = text.includes("\n") ? splitLines(text).length : 1;
  return (
    <div class="qa-foot">
      <span class="meta-text wide-only">
        <span>
          <kbd>⌫</kbd> {t("add.backspace")}
        </span>
      </span>
      <Button look="quiet" class="wide-only" onClick={onClose}>
        {t("ui.cancel")}
      </Button>
      <Button look="primary" type="submit" shortcut="Enter">
        {count > 1 ? t("add.submitMany", { count }) : t("add.submit")}
      </Button>
    </div>
  );
}

/** Keys of the field. Returns whether the key was used. */
function onKey(
  event: KeyboardEvent,
  field: Field,
  { parsed }: Draft,
  submit: () => void,
  onClose: () => void,
): boolean {
  if (event.isComposing) return false;
  if (event.key === "Enter" && !event.shiftKey) {
    submit();
    return true;
  }
  if (event.key === "Escape") {
    event.stopPropagation();
    onClose();
    return true;
  }
  if (event.key !== "Backspace" || field.hasSelection() || field.text.includes("\n")) return false;
  const undone = undoPartBefore(field.now(), parsed.spans);
  if (undone) field.set(undone);
  return undone !== null;
}

type Field = ReturnType<typeof useField>;

function useField(initial: string) {
  const input = useRef<HTMLTextAreaElement>(null);
  const [{ text, caret }, setState] = useState<Edited>({ text: initial, caret: initial.length });
  useEffect(() => input.current?.focus(), []);
  const set = (edited: Edited) => {
    setState(edited);
    const element = input.current;
    if (!element) return;
    element.value = edited.text;
    element.setSelectionRange(edited.caret, edited.caret);
    element.focus();
  };
  return {
    input,
    text,
    set,
    at: caret,
    now: (): Edited => ({ text, caret: input.current?.selectionStart ?? caret }),
    hasSelection: () => input.current?.selectionStart !== input.current?.selectionEnd,
    read: (element: HTMLTextAreaElement) =>
      setState({ text: element.value, caret: element.selectionStart }),
    /** Remove a text from the start. What was typed after it stays. */
    remove: (stored: string) => {
      const now = input.current?.value;
      if (!now?.startsWith(stored)) return;
      const rest = now.slice(stored.length);
      set({ text: rest, caret: rest.length });
    },
    setPart: ({ parsed }: Draft, kind: SpanKind, word: string) => {
      const kinds = kind === "due_date" ? ["due_date", "repeat"] : [kind];
      const part = parsed.spans.find((each) => kinds.includes(each.kind));
      set(replacePart(text, part, word));
    },
  };
}

interface NamesState {
  options: readonly NameOption[];
  at: number;
  choose: (option: NameOption) => void;
  onKey: (event: KeyboardEvent) => boolean;
}

function useNames(field: Field): NamesState {
  const { replica } = useApp();
  const [at, setAt] = useState(0);
  const [closed, setClosed] = useState("");
  const typed = findTypedName(field.text, field.at);
  const isOpen = typed !== null && closed !== field.text;
  const options = isOpen ? listNames(typed, replica) : [];
  const index = Math.min(at, Math.max(options.length - 1, 0));
  const choose = ({ name }: NameOption) => {
    if (typed) field.set(complete(field.text, typed, name));
    setAt(0);
  };
  const onKey = (event: KeyboardEvent): boolean => {
    const chosen = options[index];
    if (!chosen || event.isComposing) return false;
    // A name that is typed to its end needs no choice: Enter adds the task.
    const isTyped = chosen.id === "new" ? index === 0 : chosen.name === typed?.prefix;
    if (event.key === "Enter" && isTyped) return false;
    if (event.key === "ArrowDown") setAt((index + 1) % options.length);
    else if (event.key === "ArrowUp") setAt((index - 1 + options.length) % options.length);
    else if (event.key === "Enter" || event.key === "Tab") choose(chosen);
    else if (event.key === "Escape") {
      event.stopPropagation();
      setClosed(field.text);
    } else return false;
    return true;
  };
  return { options, at: index, choose, onKey };
}

function Names({ id, names }: { id: string; names: NamesState }) {
  if (names.options.length === 0) return null;
  return (
    <div class="menu complete" role="listbox" id={id} aria-label={t("ui.more")}>
      {names.options.map((option, index) => (
        <div
          key={option.id}
          class="menu-item"
          role="option"
          id={`${id}-${index}`}
          aria-selected={index === names.at}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => names.choose(option)}
        >
          {option.mark}
          <bdi>{option.label}</bdi>
        </div>
      ))}
    </div>
  );
}
