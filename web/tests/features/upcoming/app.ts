import { NO_SERVER } from "../../example/http.ts";
/** The app of a test: the example replica, at a fixed time. */

import type { TaskRow } from "../../../src/domain/rows.ts";
import { startClock } from "../../../src/features/clock.ts";
import { ADA, HARBOUR, NOW } from "../../example/harbour.ts";
import { ExampleReplica } from "../../example/replica.ts";

/** An app with these tasks, on Thursday 26 November 2026 in Berlin. */
export function makeApp(tasks: readonly TaskRow[] = HARBOUR.tasks) {
  const replica = new ExampleReplica({ ...HARBOUR, tasks });
  const clock = startClock(ADA.time_zone, { now: () => NOW, after: () => () => {} });
  return { replica, clock, http: NO_SERVER, signOut: async () => {} };
}
