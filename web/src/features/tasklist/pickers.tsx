import { createCategory, createTag } from "../../actions/labels.ts";
import { t } from "../../i18n/translate.ts";
import { Icon } from "../../ui/Icon.tsx";
import { Picker } from "../../ui/Picker.tsx";
import { useApp } from "../app.ts";
import { Dot } from "../Dot.tsx";
import { Avatar } from "../people.tsx";
import { getRows } from "../rows.ts";
import { edit, toggleTag } from "./edits.ts";

export interface PickerFor {
  anchor: HTMLElement;
  /** The tasks that the choice applies to. */
  ids: readonly string[];
  onClose: () => void;
}

/** Choose or create the category of tasks. */
export function CategoryPicker({ anchor, ids, onClose }: PickerFor) {
  const { replica } = useApp();
  const rows = getRows(replica, ids);
  const isSet = (id: string | null) => rows.every((row) => row.category_id === id);
  const none = {
    id: "",
    label: t("task.noCategory"),
    mark: <Icon name="inbox" />,
    checked: isSet(null),
  };
  const options = replica.categories.value
    .filter((category) => !category.archived)
    .map(({ id, name, color }) => ({
      id,
      label: name,
      mark: <Dot color={color} />,
      checked: isSet(id),
    }));
  const create = async (name: string) => {
    const { id } = await createCategory(replica, { name });
    await edit(replica, ids, { category_id: id });
  };
  return (
    <Picker
      anchor={anchor}
      label={t("task.category")}
      placeholder={t("task.findCategory")}
      options={[none, ...options]}
      onPick={(id) => void edit(replica, ids, { category_id: id || null })}
      create={{
        label: (name) => t("task.newCategory", { name }),
        run: (name) => void create(name),
      }}
      onClose={onClose}
    />
  );
}

/** Choose or create tags of tasks. The box stays open. */
export function TagPicker({ anchor, ids, onClose }: PickerFor) {
  const { replica } = useApp();
  for (const id of ids) replica.watchTask(id).value;
  const rows = getRows(replica, ids);
  const options = replica.tags.value.map(({ id, name }) => ({
    id,
    label: name,
    mark: <Icon name="at" />,
    checked: rows.every((row) => row.tag_ids.includes(id)),
  }));
  const create = async (name: string) => {
    const { id } = await createTag(replica, { name });
    await toggleTag(replica, ids, id);
  };
  return (
    <Picker
      multiple
      anchor={anchor}
      label={t("task.tags")}
      placeholder={t("task.findTag")}
      options={options}
      onPick={(id) => void toggleTag(replica, ids, id)}
      create={{ label: (name) => t("task.newTag", { name }), run: (name) => void create(name) }}
      onClose={onClose}
    />
  );
}

/** Choose who does tasks. Viewers cannot be chosen. */
export function AssigneePicker({ anchor, ids, onClose }: PickerFor) {
  const { replica } = useApp();
  const rows = getRows(replica, ids);
  const isSet = (id: string | null) => rows.every((row) => row.assignee === id);
  const nobody = {
    id: "",
    label: t("task.nobody"),
    mark: <Icon name="user" />,
    checked: isSet(null),
  };
  const options = replica.members.value.map((member) => ({
    id: member.id,
    label: member.id === replica.person.id ? t("task.me", { name: member.name }) : member.name,
    mark: <Avatar member={member} />,
    checked: isSet(member.id),
  }));
  return (
    <Picker
      anchor={anchor}
      label={t("task.assigned")}
      placeholder={t("task.findPerson")}
      options={[nobody, ...options]}
      onPick={(id) => void edit(replica, ids, { assignee: id || null })}
      onClose={onClose}
    />
  );
}
