/** The form of sign-up, and what is wrong with it. */
import { ProblemError } from "../../api/problems.ts";
import type { PasswordRules, RegistrationForm } from "../../api/session.ts";
import { t } from "../../i18n/translate.ts";
import { checkPassword, isEmail } from "./password.ts";
import { describeProblem } from "./problems.ts";

export interface SignUpForm {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly timeZone: string;
  readonly setupToken: string;
}

/** A text for each field with a fault, and `form` for what belongs to none. */
export type SignUpFaults = Readonly<Partial<Record<keyof SignUpForm | "form", string>>>;

const FIELDS: Readonly<Record<string, keyof SignUpForm>> = {
  "/email": "email",
  "/name": "name",
  "/password": "password",
  "/setup_token": "setupToken",
  "/time_zone": "timeZone",
};

/** Check a form before it is sent. */
export function checkForm(form: SignUpForm, rules: PasswordRules): SignUpFaults {
  const [broken] = checkPassword(form.password, form, rules);
  return {
    ...(form.name.trim() === "" && { name: t("signup.error.name") }),
    ...(!isEmail(form.email) && { email: t("signup.error.email") }),
    ...(broken && { password: t(`signup.error.${broken}`) }),
  };
}

/** What the server says about a form, beside the fields where it belongs. */
export function readFaults(error: unknown): SignUpFaults {
  if (!(error instanceof ProblemError)) return { form: describeProblem(error) };
  if (error.code === "setup_required") return { setupToken: t("signup.setupTokenWrong") };
  if (error.code === "name_taken") return { email: t("signup.error.taken") };
  const faults: Partial<Record<keyof SignUpForm, string>> = {};
  for (const { pointer, message, code } of error.errors) {
    const field = FIELDS[pointer];
    if (field) faults[field] = code === "weak_password" ? t("signup.error.weak") : message;
  }
  return Object.keys(faults).length > 0 ? faults : { form: describeProblem(error) };
}

/** The body of the request. */
export function makeRegistration(form: SignUpForm, invitation: string | null): RegistrationForm {
  return {
    email: form.email.trim(),
    password: form.password,
    name: form.name.trim(),
    time_zone: form.timeZone,
    ...(invitation && { invitation }),
    ...(form.setupToken.trim() && { setup_token: form.setupToken.trim() }),
  };
}
