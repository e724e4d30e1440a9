import { useState } from "preact/hooks";
import type { PasswordRules, ServerInfo } from "../../api/session.ts";
import { t } from "../../i18n/translate.ts";
import { SelectField, TextField } from "../../ui/Field.tsx";
import { Icon } from "../../ui/Icon.tsx";
import type { SignUpFaults, SignUpForm } from "./form.ts";
import { checkPassword } from "./password.ts";

export interface SignUpFieldsProps {
  server: ServerInfo;
  form: SignUpForm;
  faults: SignUpFaults;
  set: (field: keyof SignUpForm) => (value: string) => void;
}

/** The fields of sign-up, each with its error. */
export function SignUpFields({ server, form, faults, set }: SignUpFieldsProps) {
  const [zones] = useState(() => listZones(form.timeZone));
  return (
    <>
      <TextField
        autoFocus
        label={t("signup.name")}
        name="name"
        autoComplete="name"
        value={form.name}
        error={faults.name}
        onInput={set("name")}
      />
      <TextField
        label={t("signin.email")}
        type="email"
        name="email"
        autoComplete="username"
        value={form.email}
        error={faults.email}
        onInput={set("email")}
      />
      <TextField
        label={t("signin.password")}
        type="password"
        name="password"
        autoComplete="new-password"
        value={form.password}
        error={faults.password}
        onInput={set("password")}
        below={<Rules form={form} rules={server.password} />}
      />
      <SelectField
        label={t("signup.timeZone")}
        value={form.timeZone}
        options={zones}
        error={faults.timeZone}
        onChange={set("timeZone")}
      />
      {server.needs_setup_token && (
        <TextField
          label={t("signup.setupToken")}
          hint={t("signup.setupTokenHint")}
          autoComplete="off"
          value={form.setupToken}
          error={faults.setupToken}
          onInput={set("setupToken")}
        />
      )}
    </>
  );
}

/** The rules of the password, before anything is typed; met rules have a tick. */
function Rules({ form, rules }: { form: SignUpForm; rules: PasswordRules }) {
  const broken = checkPassword(form.password, form, rules);
  const isTyped = form.password !== "";
  return (
    <ul class="rules">
      <Rule met={isTyped && !broken.includes("length")}>
        {t("signup.rule.length", { count: rules.min_length })}
      </Rule>
      <Rule met={isTyped && !broken.includes("personal")}>{t("signup.rule.personal")}</Rule>
      <Rule met={false}>{t("signup.rule.common")}</Rule>
    </ul>
  );
}

function Rule({ met, children }: { met: boolean; children: string }) {
  return (
    <li class={met ? "is-met" : undefined}>
      <Icon name={met ? "check" : "minus"} />
      {children}
      {met && <span class="sr">, {t("signup.met")}</span>}
    </li>
  );
}

/** All zones, with that of the browser first. */
function listZones(browser: string) {
  const zones = Intl.supportedValuesOf("timeZone").filter((zone) => zone !== browser);
  return [
    { value: browser, label: t("signup.fromBrowser", { zone: browser }) },
    ...zones.map((zone) => ({ value: zone, label: zone })),
  ];
}
