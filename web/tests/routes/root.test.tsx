// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Http } from "../../src/api/http.ts";
import { NetworkError, ProblemError } from "../../src/api/problems.ts";
import { startClock } from "../../src/features/clock.ts";
import { forget, recall, remember } from "../../src/features/session.ts";
import { SignIn } from "../../src/features/signin/lazy.ts";
import { loadLanguage } from "../../src/i18n/translate.ts";
import { makeApp, Root } from "../../src/routes/Root.tsx";
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
}

/** Wait until an element is shown: the code of pages is loaded by imports. */
async function see(selector: string): Promise<void> {
  for (let turn = 0; turn < 2000 && !has(selector); turn += 1) {
    await act(async () => new Promise((resolve) => setImmediate(resolve)));
  }
  expect(has(selector)).toBe(true);
}

async function click(selector: string): Promise<void> {
  await act(async () => document.querySelector<HTMLElement>(selector)?.click());
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
  await see(".banner.is-danger");
  answers["/api/v1/server"] = { has_accounts: true, registration: "open" };
  await click(".banner button:last-of-type");
  await see(".rail-account");
});

test("a database that cannot be opened is shown, and can be tried again", async () => {
  remember({ me: ME, workspace: WORKSPACE });
  let fails = true;
  await mount(async () => {
    if (fails) throw new DOMException("no storage", "InvalidStateError");
    return new ExampleReplica(HARBOUR);
  });
  await see(".banner.is-danger");
  fails = false;
  await click(".banner button:last-of-type");
  await see(".rail-account");
});

test("a workspace that cannot be read after sign-in can be tried again", async () => {
  answers["/auth/me"] = SIGNED_OUT;
  answers["/api/v1/workspaces"] = OFFLINE;
  await mount();
  await see("form");
  await act(async () => {
    document.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
  });
  await see(".banner.is-danger");
  answers["/auth/me"] = ME;
  answers["/api/v1/workspaces"] = { items: [WORKSPACE] };
  await click(".banner button:last-of-type");
  await see(".rail-account");
});

/** Show the app of a person who is signed in. */
async function mountOpen(): Promise<ExampleReplica> {
  const replica = new ExampleReplica(HARBOUR);
  let opened = 0;
  remember({ me: ME, workspace: WORKSPACE });
  await mount(async (person) =>
    ++opened === 1 ? replica : new ExampleReplica({ ...HARBOUR, person }),
  );
  await see(".rail-account");
  return replica;
}

test("a sign-out in another tab shows the sign-in page", async () => {
  const replica = await mountOpen();
  forget();
  answers["/auth/me"] = SIGNED_OUT;
  replica.closed.value = true;
  await see("input[type=password]");
  expect(has(".rail-account")).toBe(false);
});

test("after the workspace is removed, the app starts again", async () => {
  const replica = await mountOpen();
  answers["/auth/me"] = { ...ME, name: "Bo" };
  answers["/api/v1/workspaces"] = { items: [{ ...WORKSPACE, name: "New" }] };
  replica.status.value = { ...replica.status.value, removed: true };
  replica.closed.value = true;
  await see(`.rail-account [title^="Bo"]`);
  expect(recall()?.workspace.name).toBe("New");
});

test("signing out tells the other tabs, after the person is forgotten", async () => {
  remember({ me: ME, workspace: WORKSPACE });
  const replica = new ExampleReplica(HARBOUR);
  const surroundings = {
    http,
    open: async () => replica,
    wipe: async () => undefined,
    languages: ["en"],
  };
  vi.spyOn(window.location, "assign").mockImplementation(() => undefined);
  const wiped = vi.spyOn(replica, "wipe").mockImplementation(async () => {
    expect(recall()).toBe(null);
  });
  const clock = startClock("Europe/Berlin", TIMERS);
  await makeApp(replica, clock, surroundings).signOut();
  expect(wiped).toHaveBeenCalledOnce();
});
