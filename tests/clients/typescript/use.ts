// Uses the client of openapi-typescript and openapi-fetch, and prints the results as JSON.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

declare const process: { argv: string[] };

type Task = components["schemas"]["Task"];

const [address = "", token = ""] = process.argv.slice(2);
const client = createClient<paths>({
  baseUrl: address,
  headers: { Authorization: `Bearer ${token}` },
});

function check<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

// Only the title is required.
const created: Task = check(
  await client.POST("/api/v1/tasks", { body: { title: "From TypeScript" } }),
);
await client
  .POST("/api/v1/tasks", {
    body: { title: "In full", priority: 1, tags: ["errand"], due_date: null, completed: false },
    params: { header: { "Idempotency-Key": "from-typescript" } },
  })
  .then(check);

const page = check(
  await client.GET("/api/v1/tasks", {
    params: { query: { status: ["todo"], priority_min: 2, limit: 10, sort: "title" } },
  }),
);

const updated: Task = check(
  await client.PATCH("/api/v1/tasks/{task}", {
    body: { completed: true },
    params: { path: { task: created.id }, header: { "If-Match": `"${created.revision}"` } },
  }),
);

const missing = await client.GET("/api/v1/tasks/{task}", { params: { path: { task: "99" } } });
const code: string | undefined = missing.error?.code;

console.log(
  JSON.stringify({
    created: created.title,
    listed: page.items.map((item) => item.title),
    status: updated.status,
    missing: code,
  }),
);
