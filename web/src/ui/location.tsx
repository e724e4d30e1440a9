/** The address of the page, changed without a reload (History API). */
import { signal } from "@preact/signals";
import type { AnchorHTMLAttributes, ComponentChildren, TargetedMouseEvent } from "preact";

export interface Location {
  /** `/category/0190…` */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Where the person is. */
export const location = signal<Location>(read());

/**
 * Go to an address of the app.
 *
 * @param target a path with an optional query: `/today?task=0190…`.
 * @param options `replace` leaves no step behind that "Back" would return to.
 */
export function navigate(target: string, options: { replace?: boolean } = {}): void {
  if (target === window.location.pathname + window.location.search) return;
  const from = location.peek().path;
  if (options.replace) history.replaceState(null, "", target);
  else history.pushState(null, "", target);
  location.value = read();
  if (from !== location.value.path) window.scrollTo(0, 0);
}

/** Set or remove a value of the query, and keep the page. */
export function setQuery(name: string, value: string | null, replace = false): void {
  navigate(makeAddress(location.peek(), name, value), { replace });
}

/** The address of this page with a value in the query. Follows the address. */
export function withQuery(name: string, value: string | null): string {
  return makeAddress(location.value, name, value);
}

function makeAddress(from: Location, name: string, value: string | null): string {
  const query = new URLSearchParams(from.query);
  if (value === null) query.delete(name);
  else query.set(name, value);
  const text = query.toString();
  return from.path + (text ? `?${text}` : "");
}

/** Follow "Back" and "Forward". Returns a function that stops it. */
export function listenToHistory(): () => void {
  const follow = () => {
    location.value = read();
  };
  follow();
  window.addEventListener("popstate", follow);
  return () => window.removeEventListener("popstate", follow);
}

export interface LinkProps
  extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href" | "onClick" | "role"> {
  href: string;
  "data-key"?: string;
  "data-drag"?: string;
  onClick?: (event: TargetedMouseEvent<HTMLAnchorElement>) => void;
  children: ComponentChildren;
}

/** A link inside the app. With a modifier key the browser handles it, so it opens in a new tab. */
export function Link({ href, children, onClick, ...rest }: LinkProps) {
  const follow = (event: TargetedMouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || hasModifier(event)) return;
    event.preventDefault();
    navigate(href);
  };
  return (
    <a {...rest} href={href} onClick={follow}>
      {children}
    </a>
  );
}

function hasModifier(event: MouseEvent): boolean {
  return event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
}

function read(): Location {
  if (typeof window === "undefined") return { path: "/", query: new URLSearchParams() };
  return {
    path: window.location.pathname,
    query: new URLSearchParams(window.location.search),
  };
}
