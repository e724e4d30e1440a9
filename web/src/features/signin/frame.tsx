import "../../styles/auth.css";
import type { ComponentChildren } from "preact";
import { t } from "../../i18n/translate.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { toggleTheme } from "../look.ts";

export interface AuthFrameProps {
  title: string;
  detail?: string | undefined;
  children: ComponentChildren;
}

/** The frame of the pages before sign-in. */
export function AuthFrame({ title, detail, children }: AuthFrameProps) {
  return (
    <div class="auth">
      <header class="auth-top">
        <span class="brand">
          <Icon name="logo" />
          {t("app.name")}
        </span>
        <IconButton icon="theme" label={t("nav.theme")} onClick={toggleTheme} />
      </header>
      <main class="auth-card" id="main">
        <div>
          <h1>{title}</h1>
          {detail && <p class="page-sub auth-sub">{detail}</p>}
        </div>
        {children}
      </main>
      <footer class="auth-foot">{t("signup.foot")}</footer>
    </div>
  );
}
