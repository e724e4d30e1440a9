import { expect, it } from "vitest";
import { createHttp } from "../../src/api/http.ts";
import { emptyTrash } from "../../src/api/trash.ts";

it("empties the trash of the workspace and returns the number of tasks", async () => {
  const sent: string[] = [];
  const http = createHttp(async (url, init) => {
    const workspace = new Headers(init.headers).get("Taskstead-Workspace");
    sent.push(`${init.method} ${url} ${workspace}`);
    return new Response('{"purged": 12}');
  });
  expect([await emptyTrash(http, "w1"), sent]).toEqual([12, ["POST /api/v1/trash/empty w1"]]);
});
