// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toast } from "../../../src/ui/Toast.tsx";
import { type Mounted, mount, row } from "../../example/mount.tsx";

let page: Mounted;

beforeEach(async () => {
  page = await mount("/today");
});
afterEach(() => page.unmount());

describe("the list", () => {
  it("shows overdue tasks before those of today", () => {
    expect(page.titles().slice(0, 4)).toEqual([
      "File the tax return",
      expect.stringMatching(/^Return the library books/),
      "Rauchwarnmelder prüfen und Batterien tauschen",
      "Order new filters for the ventilation",
    ]);
  });

  it("names a row by title, due date, priority and category", () => {
    expect(page.get(row("a")).getAttribute("aria-label")).toMatch(
      /^File the tax return, Mon,? 23 Nov, priority 1, Urgent, Paperwork$/,
    );
  });

  it("has one tab stop", () => {
    expect(document.querySelectorAll(".row[tabindex='0']")).toHaveLength(1);
  });
});

describe("completing", () => {
  it("writes the change", async () => {
    await page.click(`${row("f")} .ring`);
    expect(page.replica.task("task-f")?.status).toBe("done");
  });

  it("keeps the row, struck through", async () => {
    await page.click(`${row("f")} .ring`);
    expect(page.get(row("f")).className).toBe("row is-done");
  });

  it("keeps the row of a repeating task", async () => {
    const repeat_at = "2026-11-26";
    page.unmount();
    const { HARBOUR } = await import("../../example/harbour.ts");
    const tasks = HARBOUR.tasks.map((task) =>
      task.id === "task-e" ? { ...task, repeat_at } : task,
    );
    page = await mount("/today", { tasks });
    await page.click(`${row("e")} .ring`);
    expect(page.get(row("e")).className).toBe("row is-done");
  });

  it("shows a toast with the title", async () => {
    await page.click(`${row("f")} .ring`);
    expect(toast.value?.text).toBe("“Buy oat milk and bread” done");
  });

  it("is undone by the toast", async () => {
    await page.click(`${row("f")} .ring`);
    await page.click(".toast button");
    expect(page.get(row("f")).className).toBe("row");
  });

  it("is undone by a second click", async () => {
    await page.click(`${row("f")} .ring`);
    await page.click(`${row("f")} .ring`);
    expect(page.replica.task("task-f")?.status).toBe("todo");
  });
});

describe("keys", () => {
  it("move the focus", async () => {
    await page.focus(row("a"));
    await page.press("j");
    expect(document.activeElement).toBe(page.get(row("b")));
  });

  it("complete the active task", async () => {
    await page.focus(row("b"));
    await page.press("c");
    expect(page.replica.task("task-b")?.status).toBe("done");
  });

  it("set the priority", async () => {
    await page.focus(row("b"));
    await page.press("1");
    expect(page.replica.task("task-b")?.priority).toBe(1);
  });

  it("move an overdue task to today", async () => {
    await page.focus(row("a"));
    await page.press("t");
    expect(page.replica.task("task-a")?.due_date).toBe("2026-11-26");
  });

  it("focus the next row when a row leaves the list", async () => {
    await page.focus(row("a"));
    await page.press("Delete");
    expect(document.activeElement).toBe(page.get(row("b")));
  });

  it("open the task", async () => {
    await page.focus(row("a"));
    await page.press("Enter");
    expect(window.location.search).toBe("?task=task-a");
  });

  it("edit the title in place", async () => {
    await page.focus(row("a"));
    await page.press("e");
    expect(page.has(`${row("a")} input`)).toBe(true);
  });
});

describe("a selection", () => {
  beforeEach(async () => {
    await page.focus(row("a"));
    await page.press("x");
    await page.press("ArrowDown", { shiftKey: true });
  });

  it("is extended by Shift and an arrow", () => {
    expect(page.get(".bulk b").textContent).toBe("2 selected");
  });

  it("is completed as one change", async () => {
    await page.press("c");
    expect(toast.value?.text).toBe("2 tasks done");
  });

  it("ends with Escape", async () => {
    await page.press("Escape");
    expect(page.has(".bulk")).toBe(false);
  });
});

describe("a viewer", () => {
  beforeEach(async () => {
    page.unmount();
    const members = [{ id: "ada", name: "Ada", role: "viewer", revision: 1 }] as const;
    page = await mount("/today", { members });
  });

  it("cannot complete tasks", async () => {
    await page.click(`${row("f")} .ring`);
    expect(page.replica.written).toEqual([]);
  });

  it("cannot change tasks by keys", async () => {
    await page.focus(row("a"));
    await page.press("1");
    expect(page.replica.written).toEqual([]);
  });

  it("is not offered to add tasks", () => {
    expect(page.has(".qa-idle, .rail-add, .fab")).toBe(false);
  });
});
