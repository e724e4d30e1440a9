/** Calls a function later, after the browser has had time to paint; returns what cancels it. */
export type Later = (run: () => void) => () => void;

const AFTER_PAINT: Later = (run) => {
  const timer = setTimeout(run);
  return () => clearTimeout(timer);
};

/**
 * Run a generator one step at a time, so that the browser stays responsive between the steps.
 *
 * @param onStep gets what each step yields. The first step runs at once.
 * @returns a function that stops it.
 */
export function runInSlices<Value>(
  steps: Iterator<Value, void>,
  onStep: (value: Value) => void,
  later: Later = AFTER_PAINT,
): () => void {
  let cancel = () => {};
  const run = () => {
    const { done, value } = steps.next();
    if (done) return;
    onStep(value);
    cancel = later(run);
  };
  run();
  return () => cancel();
}
