import { useState } from "preact/hooks";
import { addDays, addMonths, listMonthWeeks } from "../../domain/days.ts";
import { makeNameKey } from "../../domain/names.ts";
import type { SpanKind } from "../../domain/quickadd/result.ts";
import type { Priority } from "../../domain/rows.ts";
import { t } from "../../i18n/translate.ts";
import { DatePicker } from "../../ui/DatePicker.tsx";
import { Icon, type IconName } from "../../ui/Icon.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { useApp } from "../app.ts";
import { Dot } from "../Dot.tsx";
import { describeDayTime } from "../due-label.ts";
import { listChoices } from "../tasklist/DateMenu.tsx";
import { PriorityMark } from "../tasklist/PriorityMark.tsx";
import type { Draft } from "./draft.ts";
import { readDate } from "./read-date.ts";
import type { QuickAddDefaults } from "./state.ts";

export interface ChipsProps {
  draft: Draft;
  defaults: QuickAddDefaults;
  /** Put a word in the place of a part, or at the end. */
  onWord: (kind: SpanKind, word: string) => void;
  /** Begin a name: the sign is typed, and the names are offered. */
  onSign: (sign: string) => void;
}

/** What the text says, as chips; each is also a way to say it without knowing the signs. */
export function Chips({ draft, defaults, onWord, onSign }: ChipsProps) {
  const { replica } = useApp();
  const { parsed, assignee, priority } = draft;
  const categories = replica.categories.value;
  const known = categories.find(({ id, name }) =>
    parsed.category === null
      ? id === defaults.categoryId
      : makeNameKey(name) === makeNameKey(parsed.category),
  );
  const category = parsed.category ?? known?.name;
  const pageTag = replica.tags.value.find(({ id }) => id === defaults.tagId)?.name;
  const tags = [...new Set([pageTag, ...parsed.tags])].filter((name) => name !== undefined);
  return (
    <div class="qa-chips">
      <DateChip draft={draft} defaults={defaults} onWord={onWord} />
      <PriorityChip priority={priority} onWord={onWord} />
      <Chip set={category !== undefined} onClick={() => onSign("#")}>
        {category === undefined ? <Icon name="category" /> : <Dot color={known?.color ?? null} />}
        {category ?? t("add.chipCategory")}
      </Chip>
      {tags.map((name) => (
        <SignChip key={name} icon="at" label={name} set onClick={() => onSign("@")} />
      ))}
      {tags.length === 0 && (
        <SignChip icon="at" label={t("add.chipTag")} onClick={() => onSign("@")} />
      )}
      {replica.members.value.length > 1 && (
        <SignChip
          icon="user"
          label={assignee?.name ?? t("add.chipAssign")}
          set={assignee !== null}
          onClick={() => onSign("+")}
        />
      )}
      {parsed.repeat_rule && <SignChip icon="repeat" label={t("list.repeats")} set />}
    </div>
  );
}

interface ChipProps {
  set?: boolean;
  onClick?: (event: MouseEvent & { currentTarget: HTMLButtonElement }) => void;
  children: preact.ComponentChildren;
}

function Chip({ set = false, onClick, children }: ChipProps) {
  return (
    <button class={set ? "chip is-set" : "chip"} type="button" onClick={onClick}>
      {children}
    </button>
  );
}

function SignChip({
  icon,
  label,
  ...rest
}: { icon: IconName; label: string } & Omit<ChipProps, "children">) {
  return (
    <Chip {...rest}>
      <Icon name={icon} />
      <bdi>{label}</bdi>
    </Chip>
  );
}

function DateChip({ draft, defaults, onWord }: Omit<ChipsProps, "onSign">) {
  const { clock, replica } = useApp();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const today = clock.today.value;
  const due = draft.parsed.due_date ?? defaults.day ?? null;
  const day = due?.slice(0, 10) ?? null;
  const time = due && due.length > 10 ? due.slice(11, 16) : null;
  const choose = (date: string | null) => onWord("due_date", date ?? "");
  return (
    <>
      <Chip set={due !== null} onClick={(event) => setAnchor(event.currentTarget)}>
        <Icon name="calendar" />
        {day === null ? t("add.chipDate") : describeDayTime(day, time, today)}
      </Chip>
      {anchor && (
        <DatePicker
          anchor={anchor}
          rules={{ today, weeks: (shown) => listMonthWeeks(shown, 0), addMonths, addDays }}
          day={day}
          time={time}
          choices={listChoices(today).filter((choice) => choice.day !== null)}
          onType={(text) => {
            const isDate = readDate(text, clock.now(), replica.person) !== null;
            if (isDate) choose(text);
            return isDate;
          }}
          onPick={choose}
          onTime={(chosen) => choose([day, chosen].filter(Boolean).join(" "))}
          onClose={() => setAnchor(null)}
        />
      )}
    </>
  );
}

const PRIORITIES: readonly Priority[] = [1, 2, 3, 4, 5];

function PriorityChip({
  priority,
  onWord,
}: {
  priority: Priority | null;
  onWord: ChipsProps["onWord"];
}) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const name = (each: Priority) =>
    t("priority.label", { number: each, name: t(`priority.${each}`) });
  return (
    <>
      <Chip set={priority !== null} onClick={(event) => setAnchor(event.currentTarget)}>
        <Icon name="flag" class={priority === null ? "" : `p${priority}-text`} />
        {priority === null ? t("add.chipPriority") : name(priority)}
      </Chip>
      {anchor && (
        <Menu
          anchor={anchor}
          label={t("task.priority")}
          items={PRIORITIES.map((each) => ({
            id: String(each),
            label: name(each),
            mark: <PriorityMark priority={each} />,
            checked: each === priority,
            onSelect: () => onWord("priority", `p${each}`),
          }))}
          onClose={() => setAnchor(null)}
        />
      )}
    </>
  );
}
