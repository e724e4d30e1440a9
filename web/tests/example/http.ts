import type { Http } from "../../src/api/http.ts";
import { NetworkError } from "../../src/api/problems.ts";

/** A client without a server. */
export const NO_SERVER: Http = {
  send: () => Promise.reject(new NetworkError("no server here")),
  open: () => Promise.reject(new NetworkError("no server here")),
};
