import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

/** A component whose code is loaded when it is first shown, or before. */
export interface LazyComponent<Props> {
  (props: Props): JSX.Element | null;
  /** Load the code now. */
  load: () => Promise<void>;
  /** Load the code now. A failure is ignored here, and tried again when the component is shown. */
  preload: () => Promise<void>;
}

/**
 * Load the code of a component when it is first shown. Nothing is shown until then.
 *
 * @param load imports the component. A failure is thrown to the error boundary around it.
 */
export function lazy<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): LazyComponent<Props> {
  let loaded: ComponentType<Props> | null = null;
  const fetch = async () => {
    loaded ??= await load();
  };
  function Lazy(props: Props) {
    const [, show] = useState(false);
    const [failure, setFailure] = useState<{ error: unknown } | null>(null);
    useEffect(() => {
      if (loaded) return;
      fetch().then(
        () => show(true),
        (error: unknown) => setFailure({ error }),
      );
    }, []);
    if (failure) throw failure.error;
    const Loaded = loaded;
    return Loaded ? <Loaded {...props} /> : null;
  }
  Lazy.load = fetch;
  Lazy.preload = () => fetch().catch(() => undefined);
  return Lazy;
}
