import { expect, test } from "vitest";
import { listLanguages, loadLanguage } from "../../../src/domain/quickadd/languages.ts";

test("English and German are languages", () => {
  expect(listLanguages()).toEqual(["de", "en"]);
});

test("a language is loaded once", async () => {
  expect(await loadLanguage("de")).toBe(await loadLanguage("de"));
});

test.each(["fr", "en-GB", ""])("the words of %j are English", async (code) => {
  expect((await loadLanguage(code)).code).toBe("en");
});
