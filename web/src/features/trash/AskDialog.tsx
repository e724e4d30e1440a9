import { t } from "../../i18n/translate.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";

export interface AskDialogProps {
  title: string;
  detail: string;
  /** The button that does it: a verb. */
  action: string;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something is lost for good. Cancel has the focus. */
export function AskDialog({ title, detail, action, onConfirm, onClose }: AskDialogProps) {
  return (
    <Dialog title={title} role="alertdialog" onClose={onClose}>
      <p>{detail}</p>
      <div class="dialog-foot">
        <Button onClick={onClose}>{t("ui.cancel")}</Button>
        <Button
          look="danger-fill"
          onClick={() => {
            onClose();
            onConfirm();
          }}
        >
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
