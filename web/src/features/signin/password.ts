/** The rules of passwords that can be checked before the password is sent. */
import type { PasswordRules } from "../../api/session.ts";

export type PasswordFault = "length" | "personal";

/**
 * The rules that a password breaks.
 *
 * The server checks the same, and a list of common passwords.
 */
export function checkPassword(
  password: string,
  person: { name: string; email: string },
  { min_length }: Pick<PasswordRules, "min_length">,
): PasswordFault[] {
  const faults: PasswordFault[] = [];
  if ([...password].length < min_length) faults.push("length");
  const plain = password.toLowerCase();
  const email = person.email.trim().toLowerCase();
  const personal = [email, email.split("@")[0], person.name.trim().toLowerCase()];
  if (plain !== "" && personal.includes(plain)) faults.push("personal");
  return faults;
}

/** Whether a text can be an email address: something, an @, and something. */
export function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(text.trim());
}
