/** Registration of the service worker, and the notice that a new version of the app is ready. */
import { signal } from "@preact/signals";

const waiting = signal<ServiceWorker | null>(null);

/** Whether a new version waits. {@link applyUpdate} activates it. */
export const isUpdateReady = () => waiting.value !== null;

/**
 * Register the service worker and watch for new versions.
 *
 * Browsers have service workers in secure contexts only (HTTPS, or localhost). Elsewhere the app
 * works, but does not open without a connection.
 */
export async function registerWorker(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  // Chromium's type for a policy is not in TypeScript's library for all browsers.
  const address = makeTrustedAddress("/sw.js");
  const registration = await navigator.serviceWorker.register(address, { updateViaCache: "none" });
  const notice = (worker: ServiceWorker | null) => {
    if (worker?.state === "installed" && navigator.serviceWorker.controller) waiting.value = worker;
  };
  notice(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => notice(worker));
  });
}

/** Activate the waiting version and load it. */
export function applyUpdate(): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), {
    once: true,
  });
  waiting.value?.postMessage("activate");
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

/** The policy of the pages (`trusted-types taskstead`) lets scripts load from this one policy only. */
function makeTrustedAddress(path: "/sw.js"): string {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  const policy = types?.createPolicy("taskstead", { createScriptURL: (url) => url });
  return policy ? policy.createScriptURL(path) : path;
}
