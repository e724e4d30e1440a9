import { useState } from "preact/hooks";
import type { Http } from "../../api/http.ts";
import { ProblemError } from "../../api/problems.ts";
import { type Me, signIn } from "../../api/session.ts";
import { t } from "../../i18n/translate.ts";
import { Button } from "../../ui/Button.tsx";
import { FieldError, TextField } from "../../ui/Field.tsx";
import { Link } from "../../ui/location.tsx";
import { PATHS } from "../paths.ts";
import { AuthFrame } from "./frame.tsx";
import { describeProblem } from "./problems.ts";

export interface SignInProps {
  http: Http;
  /** The address of the person whose session ended; empty for anyone. */
  email: string;
  /** Whether somebody can create an account. */
  canRegister: boolean;
  onSignedIn: (me: Me) => void;
  /** Why a person cannot go on here, in words; null if they can. */
  refuse?: (me: Me) => Promise<string | null>;
}

/** `/signin` */
export function SignIn({ http, email: known, canRegister, onSignedIn, refuse }: SignInProps) {
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFault("");
    try {
      const me = await signIn(http, email.trim(), password);
      const refusal = refuse ? await refuse(me) : null;
      if (refusal === null) onSignedIn(me);
      else setFault(refusal);
    } catch (error) {
      const isWrong = error instanceof ProblemError && error.code === "login_failed";
      setFault(isWrong ? t("signin.wrong") : describeProblem(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <AuthFrame title={t("signin.title")} detail={known ? t("signin.again") : undefined}>
      <form noValidate onSubmit={(event) => void submit(event)}>
        <TextField
          label={t("signin.email")}
          type="email"
          name="email"
          autoComplete="username"
          autoFocus={!known}
          value={email}
          onInput={setEmail}
        />
        <TextField
          label={t("signin.password")}
          type="password"
          name="password"
          autoComplete="current-password"
          autoFocus={known !== ""}
          value={password}
          onInput={setPassword}
        />
        <div role="alert">{fault && <FieldError>{fault}</FieldError>}</div>
        <Button look="primary" type="submit" disabled={busy}>
          {t("signin.submit")}
        </Button>
      </form>
      {canRegister && (
        <p class="muted">
          {t("signin.noAccount")}{" "}
          <Link class="text-link" href={PATHS.signUp}>
            {t("signin.toSignUp")}
          </Link>
        </p>
      )}
    </AuthFrame>
  );
}
