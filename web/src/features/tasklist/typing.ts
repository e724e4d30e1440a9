const FIELDS = "input:not([type='checkbox'], [type='radio'], [type='button']), textarea, select";

/** Whether keys go into a field. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || target.closest(FIELDS) !== null)
  );
}
