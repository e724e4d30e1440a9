/** The languages of quick add. The words of a language are loaded when they are first needed. */
import { type Language, type LanguageData, makeLanguage } from "./language.ts";

// Copies of the files of the server. A test of the server holds them equal.
const FILES = new Map<string, () => Promise<{ default: LanguageData }>>([
  ["de", () => import("./words/de.json")],
  ["en", () => import("./words/en.json")],
]);
const languages = new Map<string, Promise<Language>>();

/** Return the codes of all languages, sorted. */
export function listLanguages(): string[] {
  return [...FILES.keys()].sort();
}

/**
 * Load the words of a language. A load that fails is tried again at the next call.
 *
 * @param code - a code of {@link listLanguages}; any other means English.
 * @throws TypeError if the file cannot be loaded, for example offline.
 */
export function loadLanguage(code: string): Promise<Language> {
  const known = FILES.has(code) ? code : "en";
  let language = languages.get(known);
  if (language === undefined) {
    language = readLanguage(known);
    languages.set(known, language);
    language.catch(() => languages.delete(known));
  }
  return language;
}

async function readLanguage(code: string): Promise<Language> {
  const read = FILES.get(code);
  if (read === undefined) throw new RangeError(`There is no language ${code}.`);
  return makeLanguage(code, (await read()).default);
}
