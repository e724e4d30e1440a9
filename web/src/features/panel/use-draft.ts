import { useEffect, useRef, useState } from "preact/hooks";

const SAVE_AFTER_MS = 1000;

export interface Draft {
  readonly text: string;
  readonly set: (text: string) => void;
  /** Save now: the field is left. */
  readonly save: () => void;
}

/** A text as the row has it, with the revision of the row. */
export interface StoredText {
  readonly text: string;
  readonly revision: number;
}

/**
 * Stores a text. `began` is what the person saw at the first key.
 *
 * @returns whether it could be stored; null if the text cannot be saved as it is.
 */
export type SaveText = (text: string, began: StoredText) => Promise<boolean> | null;

interface Edited {
  readonly text: string;
  readonly began: StoredText;
  /** It was saved, and no key was pressed since. */
  readonly saved: boolean;
  /** It could not be stored: it is tried again after the next key, or when the field is left. */
  readonly failed?: true;
}

/**
 * The text of a field while it is edited. It is saved a second after the last key, when the field
 * is left and when the panel is closed. A change from elsewhere is shown unless the person types.
 */
export function useDraft(stored: StoredText, onSave: SaveText): Draft {
  const [edited, setEdited] = useState<Edited | null>(null);
  const latest = useRef({ edited, stored, onSave });
  latest.current = { edited, stored, onSave };
  const save = (): boolean => {
    const now = latest.current.edited;
    if (now === null || now.saved) return true;
    if (now.text === now.began.text) return true;
    const done = latest.current.onSave(now.text, now.began);
    if (done === null) return false;
    const saved = { ...now, saved: true };
    latest.current = { ...latest.current, edited: saved };
    setEdited(saved);
    void done.then((isStored) => {
      // What could not be stored stays in the field.
      if (isStored) return;
      const kept = { ...now, failed: true } as const;
      setEdited((later) => (later === saved || later === null ? kept : later));
    });
    return true;
  };
  useEffect(() => {
    if (edited === null || edited.saved || edited.failed) return;
    const timer = setTimeout(save, SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [edited]);
  useEffect(() => () => void save(), []);
  return {
    text: edited !== null && isShown(edited, stored.text) ? edited.text : stored.text,
    set: (text) => {
      const { edited: before, stored: seen } = latest.current;
      const began = before === null || before.saved ? seen : before.began;
      setEdited({ text, began, saved: false });
    },
    save: () => {
      save();
      setEdited(null);
    },
  };
}

/** A saved text is shown as it was typed, also with spaces at its ends, until the row changes. */
function isShown({ text, saved }: Edited, stored: string): boolean {
  return !saved || text === stored || text.trim() === stored;
}
