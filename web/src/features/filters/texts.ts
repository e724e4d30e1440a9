/** Errors and warnings of filters in words. */
import type { FilterProblem } from "../../domain/filter/errors.ts";
import type { FilterWarning } from "../../domain/filter/names.ts";
import { t } from "../../i18n/translate.ts";

/** What is wrong with a filter, and how to mend it. */
export function describeProblem({ code, reason, found, symbol }: FilterProblem): string {
  const text =
    code === "bad_value" || code === "unexpected_token"
      ? describeReason(reason ?? "operand", found)
      : t(`filter.error.${code}`, { found });
  return symbol === null ? text : `${text} ${t("filter.symbol", { symbol })}`;
}

function describeReason(reason: NonNullable<FilterProblem["reason"]>, found: string): string {
  return t(`filter.reason.${reason}`, { found });
}

/** What a filter cannot find. */
export function describeWarning({ code, name }: FilterWarning): string {
  return t(`filter.warning.${code}`, { name });
}

/** The texts that may stand in place of the wrong part. */
export function listAlternatives({ expected }: FilterProblem): readonly string[] {
  return expected.filter((word) => word !== "a condition").slice(0, MAX_ALTERNATIVES);
}

const MAX_ALTERNATIVES = 12;

/** The text of a filter with the wrong part replaced, and the place of the cursor behind it. */
export function replaceWrong(
  text: string,
  { start, end }: Pick<FilterProblem, "start" | "end">,
  word: string,
): { text: string; at: number } {
  const before = text.slice(0, start);
  // At the end of the text the word is added, as a word of its own.
  const isWord = /\w/.test(word) && start === end && /[\w"]$/.test(before);
  const put = before + (isWord ? " " : "") + word;
  return { text: put + text.slice(end), at: put.length };
}
