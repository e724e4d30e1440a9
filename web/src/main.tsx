import "./styles/index.css";
import { render } from "preact";
import { createHttp } from "./api/http.ts";
import { writeTitle } from "./features/shell/title.ts";
import { registerWorker } from "./features/update/worker.ts";
import { openBrowserReplica } from "./replica/browser.ts";
import { wipeDevice } from "./replica/wipe.ts";
import { Root } from "./routes/Root.tsx";
import type { Surroundings } from "./routes/start.ts";
import { listenToHistory } from "./ui/location.tsx";

const http = createHttp((url, init) => fetch(url, init));
const surroundings: Surroundings = {
  http,
  open: (person, workspace) => openBrowserReplica(http, person, workspace),
  wipe: wipeDevice,
  languages: navigator.languages,
};

listenToHistory();
writeTitle();
// Without a worker the app works, but does not open without a connection.
window.addEventListener("load", () => void registerWorker().catch(() => undefined));
render(<Root surroundings={surroundings} />, document.getElementById("app")!);
