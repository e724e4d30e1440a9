/** From the text of quick add to new tasks. */
import type { NewTask, NewTaskDefaults } from "../../actions/create.ts";
import type { IssueCode, QuickAdd } from "../../domain/quickadd/result.ts";
import type { MemberRow, Person, Priority } from "../../domain/rows.ts";
import type { Replica } from "../../replica/replica.ts";
import { parseTask } from "./parse.ts";
import type { QuickAddDefaults } from "./state.ts";
import { splitLines } from "./text.ts";

/** A fault of a part: of the grammar, or of a name that only the replica knows. */
export interface DraftIssue {
  readonly code: IssueCode | "no_member" | "no_parent";
  readonly start: number;
  readonly end: number;
}

/** A text that was read. */
export interface Draft {
  readonly parsed: QuickAdd;
  readonly priority: Priority | null;
  readonly assignee: MemberRow | null;
  /** Why the task cannot be created. */
  readonly errors: readonly DraftIssue[];
}

/** Read one line of text. */
export function readDraft(text: string, replica: Replica, now: number): Draft {
  const parsed = parseTask(text, now, replica.person);
  const errors: DraftIssue[] = [...parsed.errors];
  const { assignee: name, parent, priority } = parsed;
  const assignee = name === null ? null : findMember(name, replica.members.value, replica.person);
  if (name !== null && !assignee) errors.push(makeIssue(parsed, "assignee", "no_member"));
  if (parent !== null && replica.findByNumber(parent) === undefined) {
    errors.push(makeIssue(parsed, "parent", "no_parent"));
  }
  return { parsed, priority: isPriority(priority) ? priority : null, assignee, errors };
}

function makeIssue(
  { spans }: QuickAdd,
  kind: "assignee" | "parent",
  code: DraftIssue["code"],
): DraftIssue {
  const span = spans.find((each) => each.kind === kind);
  return { code, start: span?.start ?? 0, end: span?.end ?? 0 };
}

function isPriority(number: number | null): number is Priority {
  return number !== null && [1, 2, 3, 4, 5].includes(number);
}

/** The member that a name means: `me`, a whole name, or one word of the name of only one member. */
export function findMember(
  name: string,
  members: readonly MemberRow[],
  person: Pick<Person, "email" | "id">,
): MemberRow | null {
  const wanted = name.toLowerCase();
  if (wanted === "me" || wanted === person.email.toLowerCase()) {
    return members.find(({ id }) => id === person.id) ?? null;
  }
  const exact = members.find((member) => member.name.toLowerCase() === wanted);
  const some = members.filter((member) => member.name.toLowerCase().split(/\s+/).includes(wanted));
  return exact ?? (some.length === 1 ? (some[0] ?? null) : null);
}

/** The task of a draft, as the action takes it. */
export function makeTask({ parsed, assignee }: Draft): NewTask {
  const { title, description, due_date, priority, category, tags, parent } = parsed;
  const { repeat_rule, repeat_mode } = parsed;
  const named = { category, tags, parent, assignee: assignee?.name ?? null };
  return { title, description, due_date, priority, repeat_rule, repeat_mode, ...named };
}

/** The tasks of a text with one or several lines; null if a line has an error. */
export function makeTasks(text: string, replica: Replica, now: number): NewTask[] | null {
  const lines = text.includes("\n") ? splitLines(text) : [text];
  const drafts = lines.map((line) => readDraft(line, replica, now));
  if (drafts.length === 0 || drafts.some(({ errors }) => errors.length > 0)) return null;
  return drafts.map(makeTask);
}

/** What the page adds to the tasks, as the action takes it. */
export function makeDefaults(page: QuickAddDefaults): NewTaskDefaults {
  const { day, categoryId, tagId, parent, place, fields } = page;
  return {
    fields: {
      ...fields,
      ...(day && { due_date: day }),
      ...(categoryId && { category_id: categoryId }),
      ...(tagId && { tag_ids: [tagId] }),
      ...(parent && { parent }),
    },
    ...(place && { place }),
  };
}
