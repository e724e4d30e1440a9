import { NetworkError, ProblemError } from "../../api/problems.ts";
import { t } from "../../i18n/translate.ts";

/** What a failed request means, in words: what happened and what to do. */
export function describeProblem(error: unknown): string {
  if (error instanceof NetworkError) return t("problem.offline");
  if (!(error instanceof ProblemError)) throw error;
  if (error.status === 429) return t("problem.busy", { seconds: error.retryAfter ?? 60 });
  const said = error.detail || t("problem.unknown");
  return error.requestId ? `${said} (${t("problem.request", { id: error.requestId })})` : said;
}
