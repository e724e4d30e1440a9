import "../../styles/empty.css";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export interface EmptyProps {
  title: string;
  detail?: string | undefined;
  /** The one action. */
  children?: ComponentChildren;
}

/** An empty list: one sentence, and one action at most. */
export function Empty({ title, detail, children }: EmptyProps) {
  const id = useId();
  return (
    <section class="empty" aria-labelledby={id}>
      <svg class="art" viewBox="0 0 160 120" aria-hidden="true">
        <circle class="f" cx="80" cy="60" r="36" />
        <circle class="a" cx="80" cy="60" r="28" />
        <path class="a" d="m67.5 60.5 8.5 8.5 16.5-18" />
        <g class="l">
          <path d="M24 104h112M34 104l-2-12h16l-2 12M40 92V76M40 84c-6 0-9-4-9-10 6 0 9 4 9 10z" />
          <path d="M40 80c6 0 9-4 9-10-6 0-9 4-9 10z" />
          <path d="M118 104c0-8-3-12-7-14M122 104c0-10 3-16 8-19M120 104V84" />
        </g>
      </svg>
      <h2 id={id}>{title}</h2>
      {detail && <p>{detail}</p>}
      {children}
    </section>
  );
}
