import { beforeEach, describe, expect, it } from "vitest";
import { chooseLocale, formatDay, formatTime, hours24, locale } from "../../src/i18n/format.ts";

beforeEach(() => {
  locale.value = "en-GB";
  hours24.value = null;
});

describe("formatDay", () => {
  it("writes a short day", () => {
    expect(formatDay("2026-11-23", "short")).toMatch(/^Mon,? 23 Nov$/);
  });

  it("writes a month", () => {
    expect(formatDay("2026-12-04", "month")).toBe("December 2026");
  });

  it("follows the locale", () => {
    locale.value = "de";
    expect(formatDay("2026-12-04", "day")).toBe("4. Dezember");
  });
});

describe("formatTime", () => {
  it("writes 24 hours with two digits", () => {
    expect(formatTime("09:00")).toBe("09:00");
  });

  it("writes 12 hours where they are usual", () => {
    locale.value = "en-US";
    expect(formatTime("14:15")).toMatch(/^2:15\sPM$/);
  });

  it("writes 24 hours if the person wants them", () => {
    locale.value = "en-US";
    hours24.value = true;
    expect(formatTime("14:15")).toBe("14:15");
  });
});

describe("chooseLocale", () => {
  it("follows the order of dates of the profile", () => {
    expect(chooseLocale("en", ["en-GB"], "mdy")).toBe("en-US");
  });

  it("takes the region from the browser", () => {
    expect(chooseLocale("de", ["en-GB", "de-AT"], "none")).toBe("de-AT");
  });

  it("takes British English without a region", () => {
    expect(chooseLocale("en", ["de"], "none")).toBe("en-GB");
  });
});
