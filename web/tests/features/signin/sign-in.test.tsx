// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { beforeEach, expect, test, vi } from "vitest";
import type { Http } from "../../../src/api/http.ts";
import { refuseOthers } from "../../../src/features/signin/refusal.ts";
import { SignIn } from "../../../src/features/signin/SignIn.tsx";
import en from "../../../src/i18n/en.json";
import { useCatalogue } from "../../../src/i18n/translate.ts";
import { ADA } from "../../example/harbour.ts";

const requests: string[] = [];

/** The page for the person `ada`; the server signs in the person with this id. */
async function signInAs(id: string) {
  useCatalogue("en", en);
  requests.length = 0;
  document.body.innerHTML = "";
  const onSignedIn = vi.fn();
  const http: Http = {
    open: () => Promise.reject(new Error("no streams here")),
    send: async <T,>(method: string, path: string) => {
      requests.push(`${method} ${path}`);
      const body = { ...ADA, id, personal_workspace_id: "w1" } as T;
      return { status: 200, body, headers: new Headers() };
    },
  };
  const props = { http, email: ADA.email, canRegister: false, onSignedIn };
  await act(async () =>
    render(<SignIn {...props} refuse={(me) => refuseOthers(http, ADA, me)} />, document.body),
  );
  await act(async () => {
    document.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
  });
  for (let turn = 0; turn < 3; turn += 1) await act(async () => {});
  return onSignedIn;
}

beforeEach(() => render(null, document.body));

test("the same person signs in again", async () => {
  expect(await signInAs(ADA.id)).toHaveBeenCalledOnce();
});

test("another person is told whose changes are on this device", async () => {
  const onSignedIn = await signInAs("bob");
  expect(onSignedIn).not.toHaveBeenCalled();
  const said = document.querySelector("[role=alert]")?.textContent;
  expect(said).toContain(ADA.name);
  expect(said).toContain(ADA.email);
});

test("the session of another person is ended", async () => {
  await signInAs("bob");
  expect(requests).toEqual(["POST /auth/session", "DELETE /auth/session"]);
});
