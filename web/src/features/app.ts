import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Http } from "../api/http.ts";
import type { Replica } from "../replica/replica.ts";
import type { Clock } from "./clock.ts";

/** What every feature can use while a person is signed in. */
export interface App {
  readonly replica: Replica;
  readonly clock: Clock;
  /** For what needs the server; everything else goes through the replica. */
  readonly http: Http;
  /** End the session, and delete the data on this device. */
  readonly signOut: () => Promise<void>;
}

export const AppContext = createContext<App | null>(null);

/**
 * The app of the component.
 *
 * @throws Error outside of an `AppContext`.
 */
export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error("The component is not inside of an AppContext.");
  return app;
}
