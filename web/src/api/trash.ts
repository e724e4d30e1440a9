/** The trash on the server. Single tasks are restored and purged through the outbox. */
import type { Http } from "./http.ts";

/**
 * Delete everything in the trash of a workspace for good.
 *
 * @returns the number of tasks.
 * @throws ProblemError, NetworkError
 */
export async function emptyTrash(http: Http, workspace: string): Promise<number> {
  const { body } = await http.send<{ purged: number }>("POST", "/api/v1/trash/empty", {
    workspace,
  });
  return body.purged;
}
