import { useState } from "preact/hooks";
import { t } from "../../i18n/translate.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Menu, type MenuItem } from "../../ui/Menu.tsx";
import { changeOptions, GROUPINGS, getOptions, type ListOptions } from "./options.ts";

/** The sort orders that the menu offers. A saved filter may have another one. */
const SORTS = ["due_date", "priority", "title", "created_at", "updated_at", "number"] as const;

export interface ListToolsProps {
  /** The key under which the choice is remembered. */
  listKey: string;
  defaults?: ListOptions | undefined;
}

/** The buttons of a page head that group and sort its list. */
export function ListTools({ listKey, defaults }: ListToolsProps) {
  const [open, setOpen] = useState<{ menu: "group" | "sort"; anchor: HTMLElement } | null>(null);
  const options = getOptions(listKey, defaults);
  const change = (values: Partial<ListOptions>) => changeOptions(listKey, values);
  const close = () => setOpen(null);
  const isGroup = open?.menu === "group";
  return (
    <>
      <IconButton
        icon="group"
        label={t("options.groupBy", { name: t(`options.group.${options.group}`) })}
        class={options.group === "none" ? "" : "is-set"}
        aria-haspopup="menu"
        onClick={(event) => setOpen({ menu: "group", anchor: event.currentTarget })}
      />
      <IconButton
        icon="sort"
        label={t("options.sortBy", { name: nameSort(options.sort) })}
        class={options.sort === null ? "" : "is-set"}
        aria-haspopup="menu"
        onClick={(event) => setOpen({ menu: "sort", anchor: event.currentTarget })}
      />
      {open && (
        <Menu
          fromEnd
          anchor={open.anchor}
          label={t(isGroup ? "options.groupTitle" : "options.sortTitle")}
          items={isGroup ? listGroupItems(options, change) : listSortItems(options, change)}
          onClose={close}
        />
      )}
    </>
  );
}

type Change = (values: Partial<ListOptions>) => void;

function listGroupItems(options: ListOptions, change: Change): MenuItem[] {
  return GROUPINGS.map((group) => ({
    id: group,
    label: t(`options.group.${group}`),
    checked: options.group === group,
    onSelect: () => change({ group }),
  }));
}

function listSortItems({ sort }: ListOptions, change: Change): MenuItem[] {
  const chosen = getSortName(sort);
  const items: MenuItem[] = SORTS.map((name) => ({
    id: name,
    label: t(`options.sort.${name}`),
    checked: chosen === name,
    onSelect: () => change({ sort: name }),
  }));
  const manual: MenuItem = {
    id: "manual",
    label: t("options.sort.manual"),
    checked: sort === null,
    onSelect: () => change({ sort: null }),
  };
  const reverse: MenuItem = {
    id: "reverse",
    label: t("options.reversed"),
    checked: isReversed(sort),
    disabled: sort === null,
    separated: true,
    onSelect: () => change({ sort: reverseSort(sort) }),
  };
  return [manual, ...items, reverse];
}

/** The sort order with its first key in the other direction. */
export function reverseSort(sort: string | null): string | null {
  if (sort === null) return null;
  return isReversed(sort) ? sort.slice(1) : `-${sort}`;
}

function isReversed(sort: string | null): boolean {
  return sort?.startsWith("-") ?? false;
}

function getSortName(sort: string | null): (typeof SORTS)[number] | null {
  return SORTS.find((name) => name === sort?.replace(/^-/, "").split(",")[0]) ?? null;
}

function nameSort(sort: string | null): string {
  const name = getSortName(sort);
  return name === null ? t("options.sort.manual") : t(`options.sort.${name}`);
}
