import { beforeEach, describe, expect, it } from "vitest";
import de from "../../src/i18n/de.json";
import en from "../../src/i18n/en.json";
import { chooseLanguage, t, useCatalogue } from "../../src/i18n/translate.ts";

describe("t", () => {
  beforeEach(() => useCatalogue("en", en));

  it("returns the text of a key", () => {
    expect(t("nav.today")).toBe("Today");
  });

  it("fills in values", () => {
    expect(t("toast.done", { title: "Oil the gate" })).toBe("“Oil the gate” done");
  });

  it("chooses the singular", () => {
    expect(t("toast.doneMany", { count: 1 })).toBe("1 task done");
  });

  it("chooses the plural", () => {
    expect(t("toast.doneMany", { count: 2 })).toBe("2 tasks done");
  });

  it("formats numbers for the language", () => {
    useCatalogue("de", de);
    expect(t("toast.doneMany", { count: 1234 })).toBe("1.234 Aufgaben erledigt");
  });

  it("does not read values as patterns", () => {
    expect(t("toast.done", { title: "$& {{title}}" })).toBe("“$& {{title}}” done");
  });
});

describe("chooseLanguage", () => {
  it("takes the first supported language", () => {
    expect(chooseLanguage(["fr-FR", "de-AT", "en"])).toBe("de");
  });

  it("falls back to English", () => {
    expect(chooseLanguage(["fr"])).toBe("en");
  });
});
