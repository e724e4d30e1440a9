import type { ComponentChildren } from "preact";
import { makeNameKey } from "../../domain/names.ts";
import type { TypedName } from "../../domain/quickadd/editing.ts";
import { t } from "../../i18n/translate.ts";
import type { Replica } from "../../replica/replica.ts";
import { Icon } from "../../ui/Icon.tsx";
import { Dot } from "../Dot.tsx";
import { Avatar } from "../people.tsx";

/** A name that the field offers. */
export interface NameOption {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly mark: ComponentChildren;
}

const MOST = 8;

/** The names that begin with what is typed, then those that contain it, then a new one. */
export function listNames({ kind, prefix }: TypedName, replica: Replica): NameOption[] {
  const typed = makeNameKey(prefix);
  const all = listAll(kind, replica).map((option) => ({
    option,
    at: makeNameKey(option.name).indexOf(typed),
    isSame: makeNameKey(option.name) === typed,
  }));
  const found = all
    .filter(({ at }) => at >= 0)
    .sort((one, other) => Number(one.at > 0) - Number(other.at > 0))
    .slice(0, MOST)
    .map(({ option }) => option);
  if (kind === "assignee" || prefix === "" || all.some(({ isSame }) => isSame)) return found;
  const label = t(kind === "category" ? "task.newCategory" : "task.newTag", { name: prefix });
  return [...found, { id: "new", name: prefix, label, mark: <Icon name="plus" /> }];
}

function listAll(kind: TypedName["kind"], replica: Replica): NameOption[] {
  switch (kind) {
    case "category":
      return replica.categories.value
        .filter(({ archived }) => !archived)
        .map(({ id, name, color }) => ({ id, name, label: name, mark: <Dot color={color} /> }));
    case "tag":
      return replica.tags.value.map(({ id, name }) => ({
        id,
        name,
        label: name,
        mark: <Icon name="at" />,
      }));
    case "assignee":
      return replica.members.value.map((member) => ({
        id: member.id,
        name: member.name,
        label: member.name,
        mark: <Avatar member={member} />,
      }));
  }
}
