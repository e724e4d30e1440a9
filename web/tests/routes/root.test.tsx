// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Http } from "../../src/api/http.ts";
import { NetworkError, ProblemError } from "../../src/api/problems.ts";
import { remember } from "../../src/features/session.ts";
import { SignIn } from "../../src/features/signin/lazy.ts";
import { loadLanguage } from "../../src/i18n/translate.ts";
import { Root } from "../../src/routes/Root.tsx";
import type { Surroundings } from "../../src/routes/start.ts";
import { navigate } from "../../src/ui/location.tsx";
import { ADA, HARBOUR, NOW } from "../example/harbour.ts";
import { ExampleReplica } from "../example/replica.ts";

const ME = { ...ADA, personal_workspace_id: "w1" };
const WORKSPACE = { id: "w1", name: "Harbour Street 9", personal: true };
const OFFLINE = new NetworkError("no connection");
const SIGNED_OUT = new ProblemError(401, { code: "unauthenticated" }, null);
const TIMERS = { now: () => NOW, after: () => () => undefined };

/** Answers by path; errors are thrown. Tests change them on the way. */
let answers: Record<string, unknown> = {};

const http: Http = {
  open: () => Promise.reject(new Error("no streams here")),
  send: async <T,>(_method: string, path: string) => {
    const body = answers[path];
    if (body instanceof Error) throw body;
    return { status: 200, body: body as T, headers: new Headers() };
  },
};

/** Show the app from its start. */
async function mount(open: Surroundings["open"] = async () => new ExampleReplica(HARBOUR)) {
  const surroundings = { http, open, wipe: async () => undefined, languages: ["en"] };
  await act(async () =>
    render(<Root surroundings={surroundings} timers={TIMERS} />, document.body),
  );
  await settle();
}

/** Let everything that is ready run: the texts are loaded by an import. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await act(async () => new Promise((resolve) => setImmediate(resolve)));
  }
}

async function click(selector: string): Promise<void> {
  await act(async () => document.querySelector<HTMLElement>(selector)?.click());
  await settle();
}

function has(selector: string): boolean {
  return document.querySelector(selector) !== null;
}

beforeEach(async () => {
  localStorage.clear();
  await SignIn.load();
  await loadLanguage("en");
  answers = {
    "/api/v1/server": { has_accounts: true, registration: "open" },
    "/auth/me": ME,
    "/auth/session": ME,
    "/api/v1/workspaces": { items: [WORKSPACE] },
  };
  navigate("/today");
});

afterEach(() => render(null, document.body));

test("a start without the server can be tried again", async () => {
  answers["/api/v1/server"] = OFFLINE;
  await mount();
  expect(has(".banner.is-danger")).toBe(true);
  answers["/api/v1/server"] = { has_accounts: true, registration: "open" };
  await click(".banner button:last-of-type");
  expect(has(".rail-account")).toBe(true);
});

test("a database that cannot be opened is shown, and can be tried again", async () => {
  remember({ me: ME, workspace: WORKSPACE });
  let fails = true;
  await mount(async () => {
    if (fails) throw new DOMException("no storage", "InvalidStateError");
    return new ExampleReplica(HARBOUR);
  });
  expect(has(".banner.is-danger")).toBe(true);
  fails = false;
  await click(".banner button:last-of-type");
  expect(has(".rail-account")).toBe(true);
});

test("a workspace that cannot be read after sign-in can be tried again", async () => {
  answers["/auth/me"] = SIGNED_OUT;
  answers["/api/v1/workspaces"] = OFFLINE;
  await mount();
  await act(async () => {
    document.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
  });
  await settle();
  expect(has(".banner.is-danger")).toBe(true);
  answers["/auth/me"] = ME;
  answers["/api/v1/workspaces"] = { items: [WORKSPACE] };
  await click(".banner button:last-of-type");
  expect(has(".rail-account")).toBe(true);
});
