/** Accounts and the cookie session: no script ever sees a token. */
import type { Person } from "../domain/rows.ts";
import type { Http } from "./http.ts";
import type { Account, ServerInfo, Workspace } from "./schema.ts";

export type { PasswordRules, ServerInfo } from "./schema.ts";

export interface RegistrationForm {
  readonly email: string;
  readonly password: string;
  readonly name?: string;
  readonly time_zone?: string;
  readonly invitation?: string;
  readonly setup_token?: string;
}

/** The person, and the workspace that opens first. */
export interface Me extends Person {
  readonly personal_workspace_id: string;
}

/** Read what the sign-in page must know. */
export async function getServer(http: Http): Promise<ServerInfo> {
  return (await http.send<ServerInfo>("GET", "/api/v1/server")).body;
}

/** Create an account and sign in: the server sets the cookie. The problem has field errors. */
export async function register(http: Http, form: RegistrationForm): Promise<Me> {
  const body = { ...form, session: "cookie" };
  return toMe((await http.send<Account>("POST", "/auth/register", { body })).body);
}

/** Sign in: the server sets the cookie. 401 `login_failed` if address or password are wrong. */
export async function signIn(http: Http, email: string, password: string): Promise<Me> {
  const body = { email, password };
  return toMe((await http.send<Account>("POST", "/auth/session", { body })).body);
}

/** Sign out: the session ends on the server. Data on the device is wiped by the replica. */
export async function signOut(http: Http): Promise<void> {
  await http.send("DELETE", "/auth/session");
}

/** The account of the session. 401 if there is none. */
export async function getMe(http: Http): Promise<Me> {
  return toMe((await http.send<Account>("GET", "/auth/me")).body);
}

/** The workspaces of the person, at most 100. */
export async function listWorkspaces(http: Http): Promise<readonly Workspace[]> {
  const query = { limit: 100 };
  return (await http.send<{ items: Workspace[] }>("GET", "/api/v1/workspaces", { query })).body
    .items;
}

function toMe(account: Account): Me {
  const { id, name, email, time_zone, language, date_order, is_admin } = account;
  const { personal_workspace_id } = account;
  return { id, name, email, time_zone, language, date_order, is_admin, personal_workspace_id };
}
