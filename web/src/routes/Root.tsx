import { useCallback, useEffect, useState } from "preact/hooks";
import { NetworkError, ProblemError } from "../api/problems.ts";
import { type Me, signOut } from "../api/session.ts";
import type { App as SignedIn } from "../features/app.ts";
import { BROWSER_TIMERS, type Clock, startClock, type Timers } from "../features/clock.ts";
import { PATHS } from "../features/paths.ts";
import { forget, recall } from "../features/session.ts";
import { SignIn, SignUp } from "../features/signin/lazy.ts";
import { describeProblem } from "../features/signin/problems.ts";
import { refuseOthers } from "../features/signin/refusal.ts";
import { t } from "../i18n/translate.ts";
import type { Replica } from "../replica/replica.ts";
import { ErrorBox } from "../ui/ErrorBox.tsx";
import { location, navigate } from "../ui/location.tsx";
import { App } from "./App.tsx";
import { enter, type Start, type Surroundings, start } from "./start.ts";
import { findPage } from "./table.ts";

export interface RootProps {
  surroundings: Surroundings;
  timers?: Timers;
}

/** The app from its start: the pages before sign-in, or those of the person. */
export function Root({ surroundings, timers = BROWSER_TIMERS }: RootProps) {
  const [state, setState] = useState<Start | null>(null);
  const [app, setApp] = useState<SignedIn | null>(null);
  const begin = useCallback(() => void start(surroundings).then(setState), [surroundings]);
  useEffect(begin, [begin]);
  useEffect(() => {
    if (state?.kind !== "open") return;
    const clock = startClock(state.replica.person.time_zone, timers);
    setApp(makeApp(state.replica, clock, surroundings));
    const stop = followClosed(state.replica, begin);
    return () => {
      stop();
      clock.stop();
      setApp(null);
    };
  }, [state, surroundings, timers, begin]);
  if (state === null) return null;
  if (state.kind === "failed") return <Failure error={state.error} onRetry={begin} />;
  const signIn = (me: Me) => {
    void enter(me, surroundings).then((entered) => {
      setState(entered);
      if (entered.kind === "open") navigate(PATHS.today, { replace: true });
    });
  };
  if (state.kind === "gate") {
    return <Gate start={state} surroundings={surroundings} onSignedIn={signIn} />;
  }
  if (findPage(location.value.path).name === "signIn") {
    return <Again replica={state.replica} surroundings={surroundings} />;
  }
  return app && <App app={app} />;
}

/** Call a function when the data is gone: the person signed out in another tab, or was removed. */
function followClosed(replica: Replica, onClosed: () => void): () => void {
  return replica.closed.subscribe((isClosed) => {
    if (!isClosed) return;
    // After a sign-out this is done. A workspace that is gone must not be opened again.
    if (replica.status.peek().removed) forget();
    onClosed();
  });
}

/** What the features use of the app. */
export function makeApp(replica: Replica, clock: Clock, { http, wipe }: Surroundings): SignedIn {
  return {
    replica,
    clock,
    http,
    signOut: async () => {
      // Without the server the session lives on there, but the data on this device is gone.
      await signOut(http).catch(() => undefined);
      // Other tabs that hear of it start again, and must not find the person.
      forget();
      await replica.wipe();
      await wipe(null);
      window.location.assign(PATHS.signIn);
    },
  };
}

interface GateProps {
  start: Extract<Start, { kind: "gate" }>;
  surroundings: Surroundings;
  onSignedIn: (me: Me) => void;
}

function Gate({ start: { server, email }, surroundings, onSignedIn }: GateProps) {
  const page = findPage(location.value.path);
  const invitation = page.name === "signUp" ? page.invitation : null;
  const { http } = surroundings;
  if (page.name === "signUp" || (!server.has_accounts && page.name !== "signIn")) {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    return <SignUp {...{ http, server, invitation, timeZone, onSignedIn }} />;
  }
  // Somebody may have signed in in another tab.
  const refuse = async (me: Me) => {
    const last = recall();
    return last && (await refuseOthers(http, last.me, me));
  };
  const canRegister = !server.has_accounts || server.registration === "open";
  return <SignIn {...{ http, email, canRegister, onSignedIn, refuse }} />;
}

/** The session ended: the same person signs in again, and everything on this device stays. */
function Again({ replica, surroundings }: { replica: Replica; surroundings: Surroundings }) {
  const { http } = surroundings;
  return (
    <SignIn
      http={http}
      email={replica.person.email}
      canRegister={false}
      refuse={(me) => refuseOthers(http, replica.person, me)}
      onSignedIn={() => window.location.assign(PATHS.today)}
    />
  );
}

/** The server cannot be asked who the person is, or the data on this device cannot be opened. */
function Failure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const isProblem = error instanceof NetworkError || error instanceof ProblemError;
  return (
    <main class="col">
      <ErrorBox
        title={t("app.cannotStart")}
        detail={isProblem ? describeProblem(error) : t("app.cannotStartDetail")}
        report={isProblem ? undefined : String(error)}
        onRetry={onRetry}
      />
    </main>
  );
}
