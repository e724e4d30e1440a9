import type { ComponentChildren } from "preact";

export interface PageHeadProps {
  title: string;
  /** A dot or an icon before the title. */
  mark?: ComponentChildren;
  sub?: string | undefined;
  /** The buttons at the end. */
  children?: ComponentChildren;
}

/** The title of a page. */
export function PageHead({ title, mark, sub, children }: PageHeadProps) {
  return (
    <header class="page-head">
      <div>
        <h1>
          {mark}
          <bdi>{title}</bdi>
        </h1>
        {sub && <p class="page-sub">{sub}</p>}
      </div>
      {children && <div class="head-tools">{children}</div>}
    </header>
  );
}
