import type { ComponentChildren } from "preact";
import { t } from "../../i18n/translate.ts";
import type { Replica } from "../../replica/replica.ts";
import { Icon } from "../../ui/Icon.tsx";
import { Dot } from "../Dot.tsx";
import { Avatar } from "../people.tsx";
import type { Completion } from "./text.ts";

/** A name that the field offers. */
export interface NameOption {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly mark: ComponentChildren;
}

const MOST = 8;

/** The names that begin with what is typed, and then those that contain it. */
export function listNames(completion: Completion, replica: Replica): NameOption[] {
  const typed = completion.typed.toLocaleLowerCase();
  const all = listAll(completion.sign, replica);
  const rank = ({ name }: NameOption) => name.toLocaleLowerCase().indexOf(typed);
  const found = all
    .filter((option) => rank(option) >= 0)
    .sort((a, b) => Number(rank(a) > 0) - Number(rank(b) > 0))
    .slice(0, MOST);
  const isKnown = all.some(({ name }) => name.toLocaleLowerCase() === typed);
  if (completion.sign === "+" || !completion.typed || isKnown) return found;
  const key = completion.sign === "#" ? "task.newCategory" : "task.newTag";
  const name = completion.typed;
  return [...found, { id: "new", name, label: t(key, { name }), mark: <Icon name="plus" /> }];
}

function listAll(sign: Completion["sign"], replica: Replica): NameOption[] {
  if (sign === "#") {
    return replica.categories.value
      .filter(({ archived }) => !archived)
      .map(({ id, name, color }) => ({ id, name, label: name, mark: <Dot color={color} /> }));
  }
  if (sign === "@") {
    const mark = <Icon name="at" />;
    return replica.tags.value.map(({ id, name }) => ({ id, name, label: name, mark }));
  }
  return replica.members.value.map((member) => ({
    id: member.id,
    name: member.name,
    label: member.name,
    mark: <Avatar member={member} />,
  }));
}
