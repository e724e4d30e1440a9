/** The household of the reference mock, on Thursday 26 November 2026. */
import type { CategoryRow, MemberRow, Person, TagRow, TaskRow } from "../../src/domain/rows.ts";
import { type Example, makeTask } from "./replica.ts";

/** Thursday 26 November 2026, 11:12 in Berlin. */
export const NOW = Date.parse("2026-11-26T10:12:00Z");

export const ADA: Person = {
  id: "ada",
  name: "Ada Lindqvist",
  email: "ada@example.org",
  time_zone: "Europe/Berlin",
  language: "en",
  date_order: "none",
  is_admin: true,
};

const members: MemberRow[] = [
  { id: "ada", name: "Ada Lindqvist", role: "owner", revision: 1 },
  { id: "grace", name: "Grace Mbeki", role: "editor", revision: 1 },
];

function category(id: string, name: string, color: string): CategoryRow {
  return { id, name, color, position: id, archived: false, revision: 1, deleted_at: null };
}

const categories = [
  category("household", "Household", "#b45a00"),
  category("paperwork", "Paperwork", "#2b6cb8"),
  category("garden", "Garden", "#3e7d3a"),
  category("work", "Work", "#7a4fb5"),
  category("allotment", "Allotment association", "#1c7c86"),
  category("reading", "Reading", "#6b726d"),
  category("family", "Family", "#b0447f"),
];

const tags: TagRow[] = ["errand", "phone", "waiting", "building"].map((name) => ({
  id: name,
  name,
  color: null,
  revision: 1,
  deleted_at: null,
}));

const LONG =
  "Return the library books and pay the fine for the one the cat has eaten, with apologies to Ms Okonkwo";

let last = 210;
function task(position: string, title: string, fields: Partial<TaskRow> = {}): TaskRow {
  last += 1;
  return makeTask({ id: `task-${position}`, number: last, title, position, ...fields });
}

const today = "2026-11-26";
const tasks: TaskRow[] = [
  task("a", "File the tax return", {
    due_date: "2026-11-23",
    priority: 1,
    category_id: "paperwork",
    assignee: "ada",
    description: "Form and receipts are in the blue folder.",
  }),
  task("b", LONG, { due_date: "2026-11-25", category_id: "reading", tag_ids: ["errand"] }),
  task("c", "Rauchwarnmelder prüfen und Batterien tauschen", {
    due_date: "2026-11-25",
    priority: 2,
    category_id: "household",
    repeat_rule: "FREQ=MONTHLY",
    assignee: "grace",
  }),
  task("d", "Order new filters for the ventilation", {
    due_date: `${today}T09:00:00`,
    priority: 2,
    category_id: "household",
    tag_ids: ["phone"],
    assignee: "ada",
    description:
      "Two F7 and two M5, 200 × 210 mm. The old shop is closed; try the one in the harbour first.",
  }),
  task("d1", "Measure the frame", {
    parent: "task-d",
    category_id: "household",
    status: "done",
    completed_at: "2026-11-24T09:00:00Z",
  }),
  task("d2", "Compare prices", {
    parent: "task-d",
    category_id: "household",
    due_date: "2026-11-27",
    tag_ids: ["phone"],
  }),
  task("e", "Water the plants", {
    due_date: today,
    category_id: "garden",
    repeat_rule: "FREQ=DAILY;INTERVAL=3",
  }),
  task("f", "Buy oat milk and bread", { due_date: today, tag_ids: ["errand"] }),
  task("g", "اتصل بالطبيب لتأكيد موعد يوم الأحد", {
    due_date: `${today}T14:15:00`,
    category_id: "family",
    tag_ids: ["phone"],
    assignee: "ada",
  }),
  task("h", "Prepare slides for Monday", {
    due_date: `${today}T17:30:00`,
    priority: 4,
    category_id: "work",
    description: "Ten at most.",
  }),
  task("i", "Read one chapter", {
    due_date: today,
    priority: 5,
    category_id: "reading",
    repeat_rule: "FREQ=DAILY",
  }),
  task("j", "Book the chimney sweep", {
    due_date: "2026-12-01",
    priority: 1,
    category_id: "household",
    tag_ids: ["phone", "waiting", "building"],
    assignee: "ada",
  }),
  task("k", "Oil the gate", { category_id: "household" }),
  task("l", "Sell the old bicycle", { category_id: "household", priority: 4, tag_ids: ["errand"] }),
  task("m", "Pick up the parcel from the corner shop", { due_date: "2026-11-27T10:00:00" }),
  task("n", "Empty the letter box", {
    status: "done",
    due_date: today,
    completed_at: "2026-11-26T07:12:00Z",
  }),
  task("o", "Pay the gardener", {
    status: "done",
    category_id: "garden",
    completed_at: "2026-11-26T06:00:00Z",
  }),
];

/** The example with all its tasks. */
export const HARBOUR: Example = { person: ADA, tasks, categories, tags, members };
