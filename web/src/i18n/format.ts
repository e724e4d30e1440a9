/**
 * Dates, times and numbers for the eye. A day is `2026-12-01`; no function reads the clock or the
 * time zone of the machine.
 */
import { signal } from "@preact/signals";
import type { Language } from "./translate.ts";

/** The locale of dates and times, which may be narrower than the language: `en-GB`. */
export const locale = signal("en-GB");
/** Whether times are written with 24 hours. Null means as usual in the locale. */
export const hours24 = signal<boolean | null>(null);

const STYLES = {
  /** Mon 23 Nov */
  short: { weekday: "short", day: "numeric", month: "short" },
  /** 23 Nov 2027 */
  year: { day: "numeric", month: "short", year: "numeric" },
  /** Thursday 26 November */
  full: { weekday: "long", day: "numeric", month: "long" },
  /** Thursday 26 November 2026 */
  fullYear: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
  /** 26 November */
  day: { day: "numeric", month: "long" },
  /** 26 Oct */
  dayShort: { day: "numeric", month: "short" },
  /** 26 */
  dayNumber: { day: "numeric" },
  /** Thu */
  weekday: { weekday: "short" },
  /** Thursday */
  weekdayLong: { weekday: "long" },
  /** Mon 30 */
  weekdayNumber: { weekday: "short", day: "numeric" },
  /** December 2026 */
  month: { month: "long", year: "numeric" },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

export type DayStyle = keyof typeof STYLES;

const formats = new Map<string, Intl.DateTimeFormat>();

/** A day in a style. */
export function formatDay(day: string, style: DayStyle): string {
  return getFormat(style, STYLES[style]).format(new Date(`${day}T00:00:00Z`));
}

/** Two days as a span: `23–29 November 2026`. */
export function formatDays(first: string, last: string): string {
  const options = { day: "numeric", month: "long", year: "numeric" } as const;
  const [start, end] = [first, last].map((day) => new Date(`${day}T00:00:00Z`));
  return start && end ? getFormat("span", options).formatRange(start, end) : "";
}

/** A time of day, such as `09:00`, as the person writes times. */
export function formatTime(time: string): string {
  const is24 = hours24.value ?? usesHours24(locale.value);
  const options = is24
    ? ({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const)
    : ({ hour: "numeric", minute: "2-digit", hour12: true } as const);
  const format = getFormat(`time ${is24}`, options);
  return format.format(new Date(`2000-01-01T${time.slice(0, 5)}:00Z`));
}

function usesHours24(name: string): boolean {
  const { hourCycle } = new Intl.DateTimeFormat(name, { hour: "numeric" }).resolvedOptions();
  return hourCycle === "h23" || hourCycle === "h24";
}

/** A number with the separators of the locale: `5,009`. */
export function formatNumber(number: number): string {
  return number.toLocaleString(locale.value);
}

/** Several words as a list: `phone and errand`. */
export function formatList(words: readonly string[]): string {
  return new Intl.ListFormat(locale.value, { type: "conjunction" }).format(words);
}

/** The names of the weekdays with two or three letters, Monday first. */
export function listWeekdays(): readonly string[] {
  // 1 January 2024 was a Monday.
  return [1, 2, 3, 4, 5, 6, 7].map((day) => formatDay(`2024-01-0${day}`, "weekday"));
}

/**
 * The locale for a language and the order of dates that the person chose.
 *
 * @param preferred the languages of the browser, the best first: a region is taken from there.
 */
export function chooseLocale(
  language: Language,
  preferred: readonly string[],
  dateOrder: "none" | "dmy" | "mdy" | "ymd",
): string {
  if (language === "en" && dateOrder !== "none") {
    return { dmy: "en-GB", mdy: "en-US", ymd: "en-CA" }[dateOrder];
  }
  const found = preferred.find((tag) => tag.toLowerCase().startsWith(`${language}-`));
  return found ?? (language === "en" ? "en-GB" : language);
}

function getFormat(key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = `${locale.value} ${key}`;
  const known = formats.get(name);
  if (known) return known;
  const made = new Intl.DateTimeFormat(locale.value, { ...options, timeZone: "UTC" });
  formats.set(name, made);
  return made;
}
