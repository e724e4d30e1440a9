// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import type { Http } from "../../src/api/http.ts";
import { NetworkError, ProblemError } from "../../src/api/problems.ts";
import { recall, remember } from "../../src/features/session.ts";
import { language } from "../../src/i18n/translate.ts";
import { enter, start } from "../../src/routes/start.ts";
import { ADA, HARBOUR } from "../example/harbour.ts";
import { ExampleReplica } from "../example/replica.ts";

const ME = { ...ADA, personal_workspace_id: "w1" };
const WORKSPACE = { id: "w1", name: "Harbour Street 9", personal: true };
const SERVER = { has_accounts: true, registration: "open" };

/** Surroundings whose server has these answers. An answer that is an error is thrown. */
function makeSurroundings(answers: Record<string, unknown>) {
  const wiped: (string | null)[] = [];
  const asked: string[] = [];
  const http: Http = {
    open: () => Promise.reject(new Error("no streams here")),
    send: async <T>(_method: string, path: string) => {
      asked.push(path);
      const body = answers[path];
      if (body instanceof Error) throw body;
      return { status: 200, body: body as T, headers: new Headers() };
    },
  };
  const surroundings = {
    http,
    open: async () => new ExampleReplica(HARBOUR),
    wipe: async (keep: string | null) => void wiped.push(keep),
    languages: ["de-AT"],
  };
  return { surroundings, wiped, asked };
}

const SIGNED_OUT = new ProblemError(401, { code: "unauthenticated" }, null);
const OFFLINE = new NetworkError("no connection");

beforeEach(() => localStorage.clear());

describe("start", () => {
  it("asks to sign in", async () => {
    const { surroundings } = makeSurroundings({
      "/api/v1/server": SERVER,
      "/auth/me": SIGNED_OUT,
    });
    expect((await start(surroundings)).kind).toBe("gate");
  });

  it("does not ask who the person is while there are no accounts", async () => {
    const { surroundings, asked } = makeSurroundings({
      "/api/v1/server": { ...SERVER, has_accounts: false },
    });
    await start(surroundings);
    expect(asked).toEqual(["/api/v1/server"]);
  });

  it("opens the workspace of a person with a session", async () => {
    const { surroundings } = makeSurroundings({
      "/api/v1/server": SERVER,
      "/auth/me": ME,
      "/api/v1/workspaces": { items: [WORKSPACE] },
    });
    expect((await start(surroundings)).kind).toBe("open");
  });

  it("opens what was open last without the server", async () => {
    remember({ me: ME, workspace: WORKSPACE });
    const { surroundings } = makeSurroundings({ "/auth/me": OFFLINE });
    expect((await start(surroundings)).kind).toBe("open");
  });

  it("remembers no other person with the workspace that was open last", async () => {
    remember({ me: ME, workspace: WORKSPACE });
    const { surroundings } = makeSurroundings({ "/auth/me": { ...ME, id: "bob" } });
    await start(surroundings);
    await Promise.resolve();
    expect(recall()?.me.id).toBe(ME.id);
  });

  it("fails on the first visit without the server", async () => {
    const { surroundings } = makeSurroundings({ "/api/v1/server": OFFLINE });
    expect(await start(surroundings)).toEqual({ kind: "failed", error: OFFLINE });
  });

  it("uses the language of the browser before sign-in", async () => {
    const { surroundings } = makeSurroundings({
      "/api/v1/server": SERVER,
      "/auth/me": SIGNED_OUT,
    });
    await start(surroundings);
    expect(language.value).toBe("de");
  });
});

describe("enter", () => {
  const answers = { "/api/v1/workspaces": { items: [WORKSPACE] } };

  it("remembers the person and the workspace", async () => {
    await enter(ME, makeSurroundings(answers).surroundings);
    expect(recall()).toEqual({ me: ME, workspace: WORKSPACE });
  });

  it("uses the language of the profile", async () => {
    await enter(ME, makeSurroundings(answers).surroundings);
    expect(language.value).toBe("en");
  });

  it("deletes the data of another person", async () => {
    remember({ me: { ...ME, id: "bob" }, workspace: WORKSPACE });
    const { surroundings, wiped } = makeSurroundings(answers);
    await enter(ME, surroundings);
    expect(wiped).toEqual(["ada"]);
  });

  it("keeps the data of the same person", async () => {
    remember({ me: ME, workspace: WORKSPACE });
    const { surroundings, wiped } = makeSurroundings(answers);
    await enter(ME, surroundings);
    expect(wiped).toEqual([]);
  });
});
