/**
 * The catalogues and the function that reads them.
 *
 * A catalogue is i18next's JSON v4: nested objects, `{{name}}` for values, and the suffixes of
 * `Intl.PluralRules` (`_one`, `_other`) for texts that depend on `count`.
 */
import { signal } from "@preact/signals";
import type en from "./en.json";

type Catalogue = typeof en;
type WithoutPlural<K extends string> = K extends `${infer Base}_${"one" | "other"}` ? Base : K;
type Leaves<T> = {
  [K in keyof T & string]: T[K] extends string ? WithoutPlural<K> : `${K}.${Leaves<T[K]>}`;
}[keyof T & string];

/** The keys of the texts, without the suffixes of plurals: `list.selected`. */
export type TextKey = Leaves<Catalogue>;
export type Values = Readonly<Record<string, string | number>>;
export type Language = "de" | "en";

const LOADERS: Record<Language, () => Promise<{ default: unknown }>> = {
  de: () => import("./de.json"),
  en: () => import("./en.json"),
};

/** The language of the interface. A component that reads a text re-renders when it changes. */
export const language = signal<Language>("en");
/** The catalogue in use. Its own signal: the language of the first one may be the default. */
const texts = signal<unknown>({});
let plurals = new Intl.PluralRules("en");

/** Use a catalogue that is already loaded. */
export function useCatalogue(name: Language, catalogue: unknown): void {
  texts.value = catalogue;
  plurals = new Intl.PluralRules(name);
  language.value = name;
}

/** Load the catalogue of a language and use it. */
export async function loadLanguage(name: Language): Promise<void> {
  useCatalogue(name, (await LOADERS[name]()).default);
}

/**
 * The language of the interface for a list of preferences, such as `navigator.languages`.
 *
 * @param preferred BCP 47 tags, the best first. English is used if none is supported.
 */
export function chooseLanguage(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const base = tag.toLowerCase().split("-")[0];
    if (base === "de" || base === "en") return base;
  }
  return "en";
}

/**
 * The text of a key in the language of the interface.
 *
 * @param values fills the places `{{name}}`. Numbers are formatted for the language. `count` also
 *   chooses the plural form.
 * @returns the key itself if the catalogue lacks it, so that a missing text is seen.
 */
export function t(key: TextKey, values: Values = {}): string {
  const name = language.value;
  const count = values.count;
  const form = typeof count === "number" ? `_${plurals.select(count)}` : "";
  const text = find(key + form) ?? find(`${key}_other`) ?? find(key) ?? key;
  return text.replace(/\{\{(\w+)\}\}/g, (place, value: string) => {
    const filled = values[value];
    if (typeof filled === "number") return filled.toLocaleString(name);
    return filled ?? place;
  });
}

function find(path: string): string | undefined {
  let node: unknown = texts.value;
  for (const part of path.split(".")) {
    if (typeof node !== "object" || node === null) return undefined;
    node = Object.entries(node).find(([name]) => name === part)?.[1];
  }
  return typeof node === "string" ? node : undefined;
}
