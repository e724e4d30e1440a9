/** The app on the example data, to look at: `npm run dev`, then /tests/example/index.html. */
import "../../src/styles/index.css";
import { render } from "preact";
import type { Http } from "../../src/api/http.ts";
import { ProblemError } from "../../src/api/problems.ts";
import { Root } from "../../src/routes/Root.tsx";
import type { Surroundings } from "../../src/routes/start.ts";
import { location, navigate } from "../../src/ui/location.tsx";
import { ADA, HARBOUR, NOW } from "./harbour.ts";
import { ExampleReplica } from "./replica.ts";

const query = new URLSearchParams(window.location.search);
const page = query.get("page") ?? "/today";
const isGate = page === "/signin" || page === "/signup";

const http: Http = {
  open: () => Promise.reject(new Error("no streams here")),
  send: async <T,>(method: string, path: string) => {
    const body = answer(method, path);
    return { status: 200, body: body as T, headers: new Headers() };
  },
};

function answer(method: string, path: string): unknown {
  if (path === "/auth/me" && isGate) throw new ProblemError(401, { code: "unauthenticated" }, null);
  if (path === "/auth/register") throw new ProblemError(409, { code: "name_taken" }, null);
  if (method === "POST") throw new ProblemError(401, { code: "login_failed" }, null);
  if (path === "/auth/me") return { ...ADA, personal_workspace_id: "w1", ...languageOf(query) };
  if (path === "/api/v1/workspaces") return { items: [{ id: "w1", name: "Harbour Street 9" }] };
  const empty = query.get("first") !== null;
  return {
    name: "Taskstead",
    version: "1",
    registration: query.get("registration") ?? "open",
    has_accounts: !empty,
    needs_setup_token: empty,
    password: { min_length: 10, max_length: 256, rules: [] },
    features: [],
  };
}

function languageOf(values: URLSearchParams) {
  return { language: values.get("lang") ?? "en" };
}

const only = query.get("tasks") === "none" ? { tasks: [] } : {};
const many = Number(query.get("many") ?? 0);
const status = JSON.parse(query.get("status") ?? "{}");
const surroundings: Surroundings = {
  http,
  open: async (person) => {
    const [template] = HARBOUR.tasks;
    const more = [...Array(many).keys()].map((number) => ({
      ...template!,
      id: `more-${number}`,
      title: `Task ${number + 1} of many`,
      position: `p${String(number).padStart(6, "0")}`,
    }));
    const tasks = [...HARBOUR.tasks, ...more];
    return new ExampleReplica({ ...HARBOUR, tasks, ...only, person, status });
  },
  wipe: async () => {},
  languages: [query.get("lang") ?? "en-GB"],
};

localStorage.removeItem("taskstead.session");
document.documentElement.dir = query.get("dir") ?? "ltr";
if (query.get("theme")) document.documentElement.dataset.theme = query.get("theme")!;
navigate(page, { replace: true });
location.value = {
  path: page.split("?")[0]!,
  query: new URLSearchParams(page.split("?")[1] ?? ""),
};
const timers = { now: () => NOW, after: () => () => {} };
render(<Root surroundings={surroundings} timers={timers} />, document.getElementById("app")!);
