/** Signing in again is for one person: their changes on this device are not for others to send. */
import type { Http } from "../../api/http.ts";
import { type Me, signOut } from "../../api/session.ts";
import type { Person } from "../../domain/rows.ts";
import { t } from "../../i18n/translate.ts";

/**
 * End the session of a person who is not the owner of the data on this device. The data stays.
 *
 * @returns why, in words; null for the owner.
 */
export async function refuseOthers(http: Http, owner: Person, me: Me): Promise<string | null> {
  if (me.id === owner.id) return null;
  // If this fails, the replica still sends nothing in the session of another person.
  await signOut(http).catch(() => undefined);
  return t("signin.otherPerson", { name: owner.name, email: owner.email });
}
