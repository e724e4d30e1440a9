import { useEffect, useRef, useState } from "preact/hooks";

const SAVE_AFTER_MS = 1000;

export interface Draft {
  readonly text: string;
  readonly set: (text: string) => void;
  /** Save now: the field is left. */
  readonly save: () => void;
}

/**
 * The text of a field while it is edited. It is saved a second after the last key, when the field
 * is left and when the panel is closed. A change from elsewhere is shown unless the person types.
 */
export function useDraft(stored: string, onSave: (text: string) => void): Draft {
  const [edited, setEdited] = useState<string | null>(null);
  const latest = useRef({ edited, onSave });
  latest.current = { edited, onSave };
  const save = () => {
    const { edited: text, onSave: store } = latest.current;
    if (text === null) return;
    latest.current = { edited: null, onSave: store };
    store(text);
  };
  useEffect(() => {
    if (edited === null) return;
    const timer = setTimeout(() => latest.current.onSave(edited), SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [edited]);
  useEffect(() => save, []);
  return {
    text: edited ?? stored,
    set: setEdited,
    save: () => {
      save();
      setEdited(null);
    },
  };
}
