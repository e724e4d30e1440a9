import { Component, type ComponentChildren } from "preact";
import { t } from "../i18n/translate.ts";
import { Button } from "./Button.tsx";
import { Icon } from "./Icon.tsx";

export interface ErrorBoxProps {
  title: string;
  /** What happened, and what to do. */
  detail: string;
  /** The id of the request or the text of the error: what a report needs. */
  report?: string | undefined;
  /** What the button "Try again" does. */
  onRetry?: (() => void) | undefined;
}

/** An error with what is needed to report it. */
export function ErrorBox({ title, detail, report, onRetry }: ErrorBoxProps) {
  return (
    <div class="banner is-danger" role="alert">
      <Icon name="warning" />
      <span>
        {title}
        <span class="meta-text">{detail}</span>
      </span>
      {report && (
        <Button icon="copy" onClick={() => void navigator.clipboard?.writeText(report)}>
          {t("ui.copy")}
        </Button>
      )}
      {onRetry && <Button onClick={onRetry}>{t("ui.retry")}</Button>}
    </div>
  );
}

export interface ErrorBoundaryProps {
  /** The name of the feature in the sentence "… could not be shown". */
  name: string;
  children: ComponentChildren;
}

/** Replaces a feature that throws by its own error box. The rest of the page continues. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { failure: string | null }> {
  override state = { failure: null };

  static override getDerivedStateFromError(error: unknown): { failure: string } {
    console.error(error);
    return { failure: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) };
  }

  override render() {
    const { failure } = this.state;
    if (failure === null) return this.props.children;
    return (
      <ErrorBox
        title={t("ui.failed", { name: this.props.name })}
        detail={t("ui.failedDetail")}
        report={failure}
      />
    );
  }
}
