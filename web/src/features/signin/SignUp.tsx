import { useState } from "preact/hooks";
import type { Http } from "../../api/http.ts";
import { type Me, register, type ServerInfo } from "../../api/session.ts";
import { t } from "../../i18n/translate.ts";
import { Button } from "../../ui/Button.tsx";
import { FieldError } from "../../ui/Field.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Link } from "../../ui/location.tsx";
import { PATHS } from "../paths.ts";
import {
  checkForm,
  makeRegistration,
  readFaults,
  type SignUpFaults,
  type SignUpForm,
} from "./form.ts";
import { AuthFrame } from "./frame.tsx";
import { SignUpFields } from "./SignUpFields.tsx";

export interface SignUpProps {
  http: Http;
  server: ServerInfo;
  /** The token of the invitation link, if the person followed one. */
  invitation: string | null;
  /** The zone of the browser. */
  timeZone: string;
  onSignedIn: (me: Me) => void;
}

/** `/signup`: the first account, an open registration or an invitation. */
export function SignUp(props: SignUpProps) {
  const { server, invitation } = props;
  if (server.has_accounts && !invitation && server.registration !== "open") {
    const key = server.registration === "closed" ? "closed" : "invitationOnly";
    return (
      <AuthFrame title={t(`signup.${key}`)} detail={t(`signup.${key}Detail`)}>
        <ToSignIn />
      </AuthFrame>
    );
  }
  const title = t(!server.has_accounts ? "signup.firstTitle" : "signup.title");
  const invited = invitation ? t("signup.invited") : undefined;
  return (
    <AuthFrame title={title} detail={!server.has_accounts ? t("signup.firstDetail") : invited}>
      {!server.has_accounts && <AdminNotice />}
      <Form {...props} />
      {server.has_accounts && <ToSignIn />}
    </AuthFrame>
  );
}

function ToSignIn() {
  return (
    <p class="muted">
      {t("signup.haveAccount")}{" "}
      <Link class="text-link" href={PATHS.signIn}>
        {t("signup.toSignIn")}
      </Link>
    </p>
  );
}

function AdminNotice() {
  return (
    <div class="banner notice">
      <Icon name="shield" />
      <span>
        {t("signup.admin")}
        <span class="meta-text">{t("signup.adminDetail")}</span>
      </span>
    </div>
  );
}

function Form({ http, server, invitation, timeZone, onSignedIn }: SignUpProps) {
  const [form, setForm] = useState<SignUpForm>({
    name: "",
    email: "",
    password: "",
    timeZone,
    setupToken: "",
  });
  const [faults, setFaults] = useState<SignUpFaults>({});
  const [busy, setBusy] = useState(false);
  const set = (field: keyof SignUpForm) => (value: string) => {
    setForm((now) => ({ ...now, [field]: value }));
    setFaults(({ [field]: _mended, ...rest }) => rest);
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    const found = checkForm(form, server.password);
    setFaults(found);
    if (busy || Object.keys(found).length > 0) return focusFault();
    setBusy(true);
    try {
      onSignedIn(await register(http, makeRegistration(form, invitation)));
    } catch (error) {
      setFaults(readFaults(error));
      focusFault();
    } finally {
      setBusy(false);
    }
  };
  return (
    <form noValidate onSubmit={(event) => void submit(event)}>
      <SignUpFields server={server} form={form} faults={faults} set={set} />
      <div role="alert">{faults.form && <FieldError>{faults.form}</FieldError>}</div>
      <Button look="primary" type="submit" disabled={busy}>
        {t("signup.submit")}
      </Button>
    </form>
  );
}

/** The first field with a fault gets the focus, once it is marked. */
function focusFault(): void {
  requestAnimationFrame(() =>
    document.querySelector<HTMLElement>("[aria-invalid='true']")?.focus(),
  );
}
