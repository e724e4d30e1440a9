import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { formatNumber } from "../../i18n/format.ts";
import { t } from "../../i18n/translate.ts";
import { Icon, type IconName } from "../../ui/Icon.tsx";
import { Link, location } from "../../ui/location.tsx";
import { useApp } from "../app.ts";
import type { Counts } from "../counts.ts";
import { Dot } from "../Dot.tsx";
import { FilterCount } from "../filters/lazy.ts";
import { categoryPath, filterPath, PATHS, tagPath } from "../paths.ts";
import { canEdit } from "../people.tsx";
import { openQuickAdd } from "../quickadd/state.ts";
import { Account } from "./Account.tsx";

/** The pages, categories and tags with the numbers of their open tasks, and the account. */
export function Sidebar({ counts }: { counts: ReadonlySignal<Counts> }) {
  const { replica } = useApp();
  return (
    <nav class="rail" aria-label={t("nav.main")}>
      <Workspace />
      <ul>
        {canEdit(replica) && (
          <li>
            <button
              class="rail-item rail-add"
              type="button"
              title={t("nav.addTask")}
              aria-keyshortcuts="q"
              onClick={() => openQuickAdd()}
            >
              <Icon name="plus" />
              <span class="label">{t("nav.addTask")}</span>
              <span class="count" aria-hidden="true">
                <kbd>q</kbd>
              </span>
            </button>
          </li>
        )}
        <Pages counts={counts} />
      </ul>
      <Labels counts={counts} />
      <div class="rail-foot">
        <ul>
          <OtherPages />
        </ul>
        <Account />
      </div>
    </nav>
  );
}

/** Search, Inbox, Today, Upcoming and the board. */
export function Pages({ counts }: { counts: ReadonlySignal<Counts> }) {
  const { inbox, today } = counts.value;
  return (
    <>
      <Item href={PATHS.search} label={t("nav.search")} icon="search" shortcut="/" />
      <Item href={PATHS.inbox} label={t("nav.inbox")} icon="inbox" count={inbox} />
      <Item href={PATHS.today} label={t("nav.today")} icon="today" count={today} />
      <Item href={PATHS.upcoming} label={t("nav.upcoming")} icon="upcoming" count={0} />
      <Item href={PATHS.board} label={t("nav.board")} icon="board" count={0} />
    </>
  );
}

/** The pages that are used now and then. */
export function OtherPages() {
  return <Item href={PATHS.trash} label={t("nav.trash")} icon="trash" />;
}

/** The categories, the saved filters and the tags of the workspace. */
export function Labels({ counts }: { counts: ReadonlySignal<Counts> }) {
  const { replica } = useApp();
  const categories = replica.categories.value.filter(({ archived }) => !archived);
  const tags = replica.tags.value;
  const filters = replica.filters.value;
  const { categories: inCategory, tags: withTag } = counts.value;
  return (
    <>
      {categories.length > 0 && <h2>{t("nav.categories")}</h2>}
      <ul>
        {categories.map(({ id, name, color }) => (
          <Item
            key={id}
            href={categoryPath(id)}
            label={name}
            mark={<Dot color={color} />}
            count={inCategory.get(id) ?? 0}
          />
        ))}
      </ul>
      {filters.length > 0 && <h2>{t("nav.filters")}</h2>}
      <ul>
        {filters.map(({ id, name, color, filter }) => (
          <Item
            key={id}
            href={filterPath(id)}
            label={name}
            mark={color ? <Dot color={color} /> : <Icon name="bookmark" />}
            end={<FilterCount text={filter} />}
          />
        ))}
      </ul>
      {tags.length > 0 && <h2>{t("nav.tags")}</h2>}
      <ul>
        {tags.map(({ id, name }) => (
          <Item key={id} href={tagPath(id)} label={name} icon="at" count={withTag.get(id) ?? 0} />
        ))}
      </ul>
    </>
  );
}

/** The name of the workspace. */
function Workspace() {
  const { workspace } = useApp().replica;
  return (
    <p class="rail-ws" title={workspace.name}>
      <span class="avatar avatar-lg avatar-ws" aria-hidden="true">
        {[...workspace.name][0]?.toLocaleUpperCase()}
      </span>
      <bdi class="label">{workspace.name}</bdi>
    </p>
  );
}

interface ItemProps {
  href: string;
  label: string;
  count?: number;
  /** The key that goes there, shown in place of a count. */
  shortcut?: string;
  icon?: IconName;
  mark?: ComponentChildren;
  /** Shown in place of the count. */
  end?: ComponentChildren;
}

function Item({ href, label, count = 0, shortcut, icon, mark, end }: ItemProps) {
  const isCurrent = location.value.path === href;
  return (
    <li>
      <Link
        class="rail-item"
        href={href}
        title={label}
        aria-current={isCurrent ? "page" : undefined}
      >
        {icon ? <Icon name={icon} /> : mark}
        <bdi class="label">{label}</bdi>
        {shortcut && (
          <span class="count" aria-hidden="true">
            <kbd>{shortcut}</kbd>
          </span>
        )}
        {end}
        {count > 0 && (
          <span class="count">
            <span aria-hidden="true">{formatNumber(count)}</span>
            <span class="sr">{t("nav.open", { count })}</span>
          </span>
        )}
      </Link>
    </li>
  );
}
