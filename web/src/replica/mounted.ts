/**
 * Signals that exist only while somebody holds them, so that a long session does not collect one
 * for every row ever seen.
 */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";

export class Mounted<T> {
  readonly #signals = new Map<string, WeakRef<Signal<T>>>();
  readonly #read: (key: string) => T;
  readonly #registry = new FinalizationRegistry<string>((key) => {
    if (this.#signals.get(key)?.deref() === undefined) this.#signals.delete(key);
  });

  /** @param read the present value for a key. */
  constructor(read: (key: string) => T) {
    this.#read = read;
  }

  /** The signal for a key, the same one as long as somebody holds it. */
  watch(key: string): ReadonlySignal<T> {
    const known = this.#signals.get(key)?.deref();
    if (known !== undefined) return known;
    const made = signal(this.#read(key));
    this.#signals.set(key, new WeakRef(made));
    this.#registry.register(made, key);
    return made;
  }

  /** Read the value again, if somebody watches it. */
  refresh(key: string): void {
    const known = this.#signals.get(key)?.deref();
    if (known !== undefined) known.value = this.#read(key);
  }

  /** The number of signals that somebody may still hold. */
  get size(): number {
    return this.#signals.size;
  }
}
