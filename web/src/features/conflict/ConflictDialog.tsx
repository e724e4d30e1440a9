import "../../styles/conflict.css";
import { useEffect } from "preact/hooks";
import { applyRefused, canApply, dropRefused, takeTheirs } from "../../actions/conflicts.ts";
import { t } from "../../i18n/translate.ts";
import type { Refused } from "../../replica/entry.ts";
import type { Notice } from "../../replica/replica.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { useApp } from "../app.ts";
import { reportFailure } from "../tasklist/edits.ts";
import { conflictsOpen, listNotices } from "./state.ts";
import {
  describeApply,
  describeChange,
  describeReason,
  nameField,
  nameRefused,
  nameRow,
} from "./texts.ts";

/** Each change that could not be merged, with what the person can do about it. */
export function ConflictDialog() {
  const { replica } = useApp();
  const refused = replica.refused.value;
  const notices = listNotices(replica);
  const isEmpty = refused.length + notices.length === 0;
  const close = () => {
    conflictsOpen.value = false;
  };
  useEffect(() => {
    if (isEmpty) close();
  }, [isEmpty]);
  if (isEmpty) return null;
  return (
    <Dialog title={t("conflict.title")} class="needs" onClose={close}>
      <IconButton class="dialog-x" icon="x" label={t("ui.close")} onClick={close} />
      <ul>
        {refused.map((each) => (
          <RefusedItem key={each.key} refused={each} />
        ))}
        {notices.map((each) => (
          <NoticeItem key={each.key} notice={each} />
        ))}
      </ul>
    </Dialog>
  );
}

function RefusedItem({ refused }: { refused: Refused }) {
  const { replica } = useApp();
  return (
    <li>
      <h3>
        <bdi>{nameRefused(replica, refused)}</bdi>
      </h3>
      {describeChange(refused).map((line) => (
        <p key={line} class="needs-change">
          <bdi>{line}</bdi>
        </p>
      ))}
      <p>{describeReason(refused)}</p>
      <div class="dialog-foot">
        <Button onClick={() => void reportFailure(dropRefused(replica, refused))}>
          {t("conflict.discard")}
        </Button>
        {canApply(refused) && (
          <Button look="primary" onClick={() => void reportFailure(applyRefused(replica, refused))}>
            {describeApply(refused)}
          </Button>
        )}
      </div>
    </li>
  );
}

/** A short field that both sides changed: the value of the person was sent. */
function NoticeItem({ notice }: { notice: Notice }) {
  const { replica } = useApp();
  const field = nameField(notice.field) ?? notice.field;
  return (
    <li>
      <h3>
        <bdi>{nameRow(replica, notice.kind, notice.id) ?? t("list.untitled")}</bdi>
      </h3>
      <p>{t("conflict.why.replaced", { field })}</p>
      <div class="dialog-foot">
        <Button onClick={() => void reportFailure(takeTheirs(replica, notice))}>
          {t("conflict.takeTheirs")}
        </Button>
        <Button look="primary" onClick={() => replica.dismissNotice(notice.key)}>
          {t("conflict.keepMine")}
        </Button>
      </div>
    </li>
  );
}
