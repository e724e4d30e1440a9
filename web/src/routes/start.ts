/** How the app starts: who the person is, which workspace opens, and in which language. */
import type { Http } from "../api/http.ts";
import { NetworkError, ProblemError } from "../api/problems.ts";
import { getMe, getServer, listWorkspaces, type Me, type ServerInfo } from "../api/session.ts";
import type { Person } from "../domain/rows.ts";
import { forget, type Remembered, recall, remember, type Workspace } from "../features/session.ts";
import { chooseLocale, locale } from "../i18n/format.ts";
import { chooseLanguage, loadLanguage } from "../i18n/translate.ts";
import type { Replica } from "../replica/replica.ts";

/** What the app uses of the browser and of the replica. Tests pass their own. */
export interface Surroundings {
  readonly http: Http;
  readonly open: (person: Person, workspace: Workspace) => Promise<Replica>;
  /** Delete the data of all persons on this device, or of all but one. */
  readonly wipe: (keep: string | null) => Promise<void>;
  /** The languages of the browser, the best first. */
  readonly languages: readonly string[];
}

/** What is shown at first. */
export type Start =
  | { kind: "open"; replica: Replica }
  | { kind: "gate"; server: ServerInfo; email: string }
  | { kind: "failed"; error: unknown };

/**
 * Open what was open last, without waiting for the server; else ask the server who it is.
 *
 * @returns `gate` if nobody is signed in, `failed` if the server cannot be asked or the data on this
 *   device cannot be opened. It never rejects.
 */
export async function start(surroundings: Surroundings): Promise<Start> {
  return await orFailed(findStart(surroundings));
}

/** Open the personal workspace of a person who has signed in. It never rejects. */
export async function enter(me: Me, surroundings: Surroundings): Promise<Start> {
  return await orFailed(openPersonal(me, surroundings));
}

async function orFailed(started: Promise<Start>): Promise<Start> {
  try {
    return await started;
  } catch (error) {
    return { kind: "failed", error };
  }
}

async function findStart(surroundings: Surroundings): Promise<Start> {
  const { http, open } = surroundings;
  const last = recall();
  if (last) {
    await chooseTexts(last.me, surroundings);
    void refresh(http, last);
    return { kind: "open", replica: await open(last.me, last.workspace) };
  }
  await chooseTexts(null, surroundings);
  const gate = await openGate(http, "");
  // Without accounts nobody can be signed in.
  if (gate.kind !== "gate" || !gate.server.has_accounts) return gate;
  try {
    return await openPersonal(await getMe(http), surroundings);
  } catch (error) {
    if (error instanceof ProblemError && error.status === 401) return gate;
    throw error;
  }
}

async function openPersonal(me: Me, surroundings: Surroundings): Promise<Start> {
  const { http, open, wipe } = surroundings;
  await chooseTexts(me, surroundings);
  const last = recall();
  if (last && last.me.id !== me.id) {
    await wipe(me.id);
    // If the rest fails, the next start is not for the person whose data is gone.
    forget();
  }
  const workspace = await findWorkspace(http, me);
  remember({ me, workspace });
  return { kind: "open", replica: await open(me, workspace) };
}

/** The pages before sign-in. They need to know what the server allows. */
export async function openGate(http: Http, email: string): Promise<Start> {
  try {
    return { kind: "gate", server: await getServer(http), email };
  } catch (error) {
    return { kind: "failed", error };
  }
}

async function findWorkspace(http: Http, me: Me): Promise<Workspace> {
  const id = me.personal_workspace_id;
  const found = (await listWorkspaces(http)).find((workspace) => workspace.id === id);
  return { id, name: found?.name ?? me.name, personal: true };
}

/** The profile may have changed since it was remembered. It is used at the next start. */
async function refresh(http: Http, last: Remembered): Promise<void> {
  try {
    const me = await getMe(http);
    // The session may be that of another person, and this one may have signed out by now.
    if (me.id !== last.me.id || recall()?.me.id !== me.id) return;
    remember({ me, workspace: last.workspace });
  } catch (error) {
    if (!(error instanceof NetworkError) && !(error instanceof ProblemError)) throw error;
  }
}

/** Use the language of the profile; before sign-in that of the browser. */
async function chooseTexts(me: Person | null, { languages }: Surroundings): Promise<void> {
  const preferred = me ? [me.language, ...languages] : languages;
  const language = chooseLanguage(preferred);
  await loadLanguage(language);
  locale.value = chooseLocale(language, languages, me?.date_order ?? "none");
  document.documentElement.lang = language;
}
