import { useApp } from "../features/app.ts";
import { LabelPage } from "../features/board/LabelPage.tsx";
import { Dot } from "../features/Dot.tsx";
import { usePageTitle } from "../features/shell/title.ts";
import { t } from "../i18n/translate.ts";
import { NotFound } from "./NotFound.tsx";

/** `/inbox`: tasks without a category. */
export function Inbox() {
  usePageTitle(t("nav.inbox"));
  return (
    <LabelPage
      title={t("nav.inbox")}
      index="category"
      value="none"
      scope={{ kind: "inbox" }}
      defaults={{}}
      empty={{ title: t("empty.inbox"), detail: t("empty.inboxDetail") }}
    />
  );
}

/** `/category/:id` */
export function Category({ id }: { id: string }) {
  const { replica } = useApp();
  const category = replica.categories.value.find((each) => each.id === id);
  usePageTitle(category?.name ?? t("task.category"));
  if (!category) return <NotFound />;
  return (
    <LabelPage
      key={id}
      title={category.name}
      mark={<Dot color={category.color} />}
      index="category"
      value={id}
      scope={{ kind: "category", name: category.name }}
      defaults={{ categoryId: id }}
      empty={{ title: t("empty.category", { name: category.name }) }}
    />
  );
}

/** `/tag/:id` */
export function Tag({ id }: { id: string }) {
  const { replica } = useApp();
  const tag = replica.tags.value.find((each) => each.id === id);
  usePageTitle(tag ? `@${tag.name}` : t("task.tags"));
  if (!tag) return <NotFound />;
  return (
    <LabelPage
      key={id}
      title={`@${tag.name}`}
      index="tag"
      value={id}
      scope={{ kind: "tag", name: tag.name }}
      defaults={{ tagId: id }}
      empty={{ title: t("empty.tag", { name: tag.name }) }}
    />
  );
}
