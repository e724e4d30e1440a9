import { beforeAll, describe, expect, it } from "vitest";
import { NetworkError, ProblemError } from "../../../src/api/problems.ts";
import { checkForm, makeRegistration, readFaults } from "../../../src/features/signin/form.ts";
import en from "../../../src/i18n/en.json";
import { useCatalogue } from "../../../src/i18n/translate.ts";

const FORM = {
  name: "Ada",
  email: "ada@example.org",
  password: "correct horse battery",
  timeZone: "Europe/Berlin",
  setupToken: "",
};
const RULES = { min_length: 10, max_length: 256, rules: [] };

beforeAll(() => useCatalogue("en", en));

describe("checkForm", () => {
  it("finds nothing wrong with a good form", () => {
    expect(checkForm(FORM, RULES)).toEqual({});
  });

  it("finds an address without an @", () => {
    expect(checkForm({ ...FORM, email: "ada.example.org" }, RULES)).toEqual({
      email: "An address has an @, as in ada@example.org",
    });
  });

  it("finds a short password", () => {
    expect(checkForm({ ...FORM, password: "short" }, RULES)).toEqual({
      password: "The password is too short.",
    });
  });

  it("finds the address as the password", () => {
    expect(checkForm({ ...FORM, password: "Ada@example.org" }, RULES)).toEqual({
      password: "Choose a password that is not your name or email.",
    });
  });

  it("finds a missing name", () => {
    expect(checkForm({ ...FORM, name: " " }, RULES)).toEqual({ name: "Enter a name." });
  });
});

describe("readFaults", () => {
  it("shows a wrong setup token beside its field", () => {
    const error = new ProblemError(403, { code: "setup_required" }, null);
    expect(Object.keys(readFaults(error))).toEqual(["setupToken"]);
  });

  it("shows a weak password beside its field", () => {
    const errors = [{ pointer: "/password", message: "common", code: "weak_password" }];
    const error = new ProblemError(422, { code: "validation_failed", errors }, null);
    expect(readFaults(error)).toEqual({
      password: "This password is too easy to guess. Choose another one.",
    });
  });

  it("says that the server does not answer", () => {
    expect(readFaults(new NetworkError("no connection"))).toEqual({
      form: "The server does not answer. Check the connection, and try again.",
    });
  });

  it("says how long to wait", () => {
    expect(readFaults(new ProblemError(429, { code: "rate_limited" }, 30))).toEqual({
      form: "There were too many attempts. Try again in 30 s.",
    });
  });
});

it("sends no empty token", () => {
  expect(makeRegistration(FORM, null)).toEqual({
    email: "ada@example.org",
    password: "correct horse battery",
    name: "Ada",
    time_zone: "Europe/Berlin",
  });
});
