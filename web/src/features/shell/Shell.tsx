import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { t } from "../../i18n/translate.ts";
import { Sheet } from "../../ui/Dialog.tsx";
import { ErrorBoundary } from "../../ui/ErrorBox.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Link, location } from "../../ui/location.tsx";
import { ToastRegion } from "../../ui/Toast.tsx";
import { useApp } from "../app.ts";
import { ConflictBanner } from "../conflict/ConflictBanner.tsx";
import { ConflictDialog } from "../conflict/lazy.ts";
import { conflictsOpen } from "../conflict/state.ts";
import { type Counts, countOpen } from "../counts.ts";
import { Help } from "../help/lazy.ts";
import { helpOpen } from "../help/state.ts";
import { look } from "../look.ts";
import { Palette } from "../palette/lazy.ts";
import { paletteOpen } from "../palette/state.ts";
import { TaskPanel } from "../panel/lazy.ts";
import { PATHS } from "../paths.ts";
import { canEdit } from "../people.tsx";
import { QuickAddSheet } from "../quickadd/InlineAdd.tsx";
import { QuickAdd } from "../quickadd/lazy.ts";
import { openQuickAdd } from "../quickadd/state.ts";
import { Account } from "../sidebar/Account.tsx";
import { Labels, OtherPages, Pages, Sidebar } from "../sidebar/Sidebar.tsx";
import { DateMenu, RowMenu } from "../tasklist/lazy.ts";
import { UpdateBanner } from "../update/UpdateBanner.tsx";
import { useGlobalKeys } from "./keys.ts";
import { SyncBanner } from "./SyncBanner.tsx";

/** The layout of all pages after sign-in: sidebar, page, panel and messages. */
export function Shell({
  children,
}: {
  children: (counts: ReadonlySignal<Counts>) => ComponentChildren;
}) {
  const app = useApp();
  const counts = useMemo(() => countOpen(app), [app]);
  useGlobalKeys();
  useFreshness();
  usePreload();
  const task = location.value.query.get("task");
  const names = ["app", task && "has-panel", !look.value.sidebar && "no-rail"];
  return (
    <>
      <a class="skip" href="#main">
        {t("app.skip")}
      </a>
      <div class={names.filter(Boolean).join(" ")}>
        <ErrorBoundary name={t("nav.main")}>
          <Sidebar counts={counts} />
        </ErrorBoundary>
        <main class="main" id="main" tabIndex={-1}>
          <SyncBanner />
          <ConflictBanner />
          <UpdateBanner />
          <ErrorBoundary key={location.value.path} name={t("app.name")}>
            {children(counts)}
          </ErrorBoundary>
        </main>
        {task && (
          <ErrorBoundary key={task} name={t("task.label")}>
            <TaskPanel id={task} />
          </ErrorBoundary>
        )}
      </div>
      <TabBar counts={counts} />
      <QuickAddSheet />
      {helpOpen.value && <Help />}
      {conflictsOpen.value && (
        <ErrorBoundary name={t("conflict.title")}>
          <ConflictDialog />
        </ErrorBoundary>
      )}
      {paletteOpen.value && (
        <ErrorBoundary name={t("palette.label")}>
          <Palette />
        </ErrorBoundary>
      )}
      <ToastRegion />
    </>
  );
}

/** Load what the person is likely to need next, when the browser has nothing else to do. */
function usePreload(): void {
  useEffect(() => {
    const preload = () => {
      for (const part of [QuickAdd, RowMenu, DateMenu, TaskPanel]) void part.preload();
    };
    // Safari has no idle callbacks.
    if (typeof requestIdleCallback === "undefined") setTimeout(preload, 500);
    else requestIdleCallback(preload, { timeout: 3000 });
  }, []);
}

/** Look at the clock and the server again when the person returns to the window. */
function useFreshness(): void {
  const { clock, replica } = useApp();
  useEffect(() => {
    const refresh = () => {
      if (document.visibilityState === "hidden") return;
      clock.refresh();
      replica.sync();
    };
    document.addEventListener("visibilitychange", refresh);
    window.addEventListener("focus", refresh);
    return () => {
      document.removeEventListener("visibilitychange", refresh);
      window.removeEventListener("focus", refresh);
    };
  }, [clock, replica]);
}

/** The tabs of a phone, and the button that adds a task. */
function TabBar({ counts }: { counts: ReadonlySignal<Counts> }) {
  const { replica } = useApp();
  const [browsing, setBrowsing] = useState(false);
  const { path } = location.value;
  const tabs = [
    { href: PATHS.today, label: t("nav.today"), icon: "today" },
    { href: PATHS.upcoming, label: t("nav.upcoming"), icon: "upcoming" },
    { href: PATHS.inbox, label: t("nav.inbox"), icon: "inbox" },
    { href: PATHS.search, label: t("nav.search"), icon: "search" },
  ] as const;
  return (
    <>
      {canEdit(replica) && (
        <button
          class="fab"
          type="button"
          aria-label={t("nav.addTask")}
          onClick={() => openQuickAdd()}
        >
          <Icon name="plus" />
        </button>
      )}
      <nav class="tabbar" aria-label={t("nav.tabs")}>
        {tabs.map(({ href, label, icon }) => (
          <Link key={href} href={href} aria-current={path === href ? "page" : undefined}>
            <Icon name={icon} />
            {label}
          </Link>
        ))}
        <button type="button" aria-haspopup="dialog" onClick={() => setBrowsing(true)}>
          <Icon name="browse" />
          {t("nav.browse")}
        </button>
      </nav>
      {browsing && <Browse counts={counts} onClose={() => setBrowsing(false)} />}
    </>
  );
}

interface BrowseProps {
  counts: ReadonlySignal<Counts>;
  onClose: () => void;
}

/** What the sidebar shows, as a sheet. */
function Browse({ counts, onClose }: BrowseProps) {
  const { path } = location.value;
  const [opened] = useState(path);
  useEffect(() => {
    if (path !== opened) onClose();
  }, [path, opened, onClose]);
  return (
    <Sheet label={t("nav.browse")} class="browse" onClose={onClose}>
      <ul>
        <Pages counts={counts} />
      </ul>
      <Labels counts={counts} />
      <ul>
        <OtherPages />
      </ul>
      <Account />
    </Sheet>
  );
}
