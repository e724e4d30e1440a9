import { t } from "../../i18n/translate.ts";
import { showKey } from "../../keys/show.ts";
import { BINDINGS, type KeyScope } from "../../keys/table.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { changeLook, look } from "../look.ts";
import { isMac } from "../tasklist/platform.ts";
import { helpOpen } from "./state.ts";

const SCOPES: readonly KeyScope[] = ["everywhere", "list", "board", "panel", "trash"];

/** The keys, and the switch for those that type a character. */
export function Help() {
  const close = () => {
    helpOpen.value = false;
  };
  const { singleKeys } = look.value;
  return (
    <Dialog title={t("keys.title")} class="help" onClose={close}>
      <IconButton class="dialog-x" icon="x" label={t("ui.close")} onClick={close} />
      <div class="set-row">
        <span id="single-keys">
          {t("keys.single")}
          <span class="meta-text">{t("keys.singleDetail")}</span>
        </span>
        <button
          class="switch"
          type="button"
          role="switch"
          aria-checked={singleKeys}
          aria-labelledby="single-keys"
          onClick={() => changeLook({ singleKeys: !singleKeys })}
        />
      </div>
      <div class="help-columns">
        {SCOPES.map((scope) => (
          <Keys key={scope} scope={scope} />
        ))}
      </div>
    </Dialog>
  );
}

function Keys({ scope }: { scope: KeyScope }) {
  const mac = isMac();
  return (
    <section>
      <h3>{t(`keys.scope.${scope}`)}</h3>
      <dl>
        {BINDINGS.filter((binding) => binding.scope === scope).map(({ command, keys }) => (
          <div key={command}>
            <dt>{t(`keys.command.${command}`)}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{showKey(key, mac)}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
