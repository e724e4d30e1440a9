/**
 * The service worker: opens the app without a connection.
 *
 * It stores the files of one build when it is installed, and answers requests for these files and for
 * pages of the app. It never handles a request to the API, and stores no data of a person. A new
 * build installs a new worker, which waits until the page sends `activate`.
 */
import { SECTIONS } from "./routes/sections.ts";

declare const self: ServiceWorkerGlobalScope;
/** The addresses of the files of the build, and a hash of their contents. The build sets both. */
declare const __PRECACHE__: { files: readonly string[]; version: string };

const { files, version } = __PRECACHE__;
const CACHE = `app-${version}`;
/** All pages have the same HTML, which is stored once. */
const PAGE = "/today";
const STORED = new Set(files);
const PAGES = new Set<string>(["", ...SECTIONS]);

self.addEventListener("install", (event) => event.waitUntil(store()));
self.addEventListener("activate", (event) => event.waitUntil(removeOldCaches()));
self.addEventListener("message", (event) => {
  if (event.data === "activate") event.waitUntil(self.skipWaiting());
});
self.addEventListener("fetch", (event) => {
  const key = findKey(event.request);
  if (key !== undefined) event.respondWith(answer(event.request, key));
});

async function store(): Promise<void> {
  const cache = await caches.open(CACHE);
  const page = new Request(PAGE, { headers: { Accept: "text/html" }, cache: "reload" });
  await Promise.all([cache.add(page), cache.addAll(files)]);
}

async function removeOldCaches(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** The address under which the answer to a request is stored; undefined if the worker must not answer. */
function findKey(request: Request): string | undefined {
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return undefined;
  if (STORED.has(pathname)) return pathname;
  const isPage = request.mode === "navigate" && PAGES.has(pathname.split("/")[1] ?? "");
  return isPage ? PAGE : undefined;
}

async function answer(request: Request, key: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(key, { ignoreVary: true })) ?? fetch(request);
}
