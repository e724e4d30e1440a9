/**
 * The merge of a waiting change with a row that has changed since, field by field. Pure.
 *
 * Only the local side changed a field: it is sent. Both changed it: the local value of a short
 * field is sent, with a notice; texts are merged by lines, or wait for the person.
 */
import type { TaskRow } from "../domain/rows.ts";
import type { AnyEffect, Entry, RefusalReason } from "./entry.ts";
import { mergeLines } from "./lines.ts";
import type { Notice } from "./replica.ts";

/** A row of the server, as far as a merge needs it. */
export type MergedRow = { readonly revision: number; readonly deleted_at: string | null };

export interface Merged {
  /** The entry to send, based on the present row; null if nothing is left to send. */
  readonly send: Entry | null;
  /** What waits for the person. */
  readonly ask: {
    readonly reason: RefusalReason;
    readonly entry: Entry;
    readonly theirs: Values;
  } | null;
  readonly notices: readonly Notice[];
}

type Values = Readonly<Record<string, unknown>>;

const NOTHING: Merged = { send: null, ask: null, notices: [] };
const TEXTS = new Set(["title", "description"]);
/** A date and its zone are one value. */
const PARTNERS: Readonly<Record<string, string>> = {
  due_date: "due_time_zone",
  due_time_zone: "due_date",
};

/** Merge an entry with the present row of the server; undefined if the row is gone. */
export function mergeEntry(entry: Entry, row: MergedRow | undefined): Merged {
  const { change } = entry;
  if (change.action === "create") return row === undefined ? send(entry, 0) : NOTHING;
  const deletes =
    change.action === "trash" || change.action === "purge" || change.action === "delete";
  if (row === undefined) return deletes ? NOTHING : ask(entry, "gone");
  if (row.deleted_at !== null && change.action !== "restore" && change.action !== "purge") {
    return deletes ? NOTHING : ask(entry, "trashed");
  }
  if (row.deleted_at === null && change.action === "restore") return NOTHING;
  switch (change.action) {
    case "update":
      return mergeFields(entry, change.set, row);
    case "complete":
    case "skip":
      // Somebody else has ended this occurrence.
      return asTask(row)?.repeat_at === change.occurrence ? send(entry, row.revision) : NOTHING;
    case "move":
      return mergeMove(entry, row);
    default:
      return send(entry, row.revision);
  }
}

function send(entry: Entry, ifRevision: number): Merged {
  return { ...NOTHING, send: { ...entry, ifRevision, edit: entry.edit + 1 } };
}

function ask(entry: Entry, reason: RefusalReason): Merged {
  return { ...NOTHING, ask: { reason, entry, theirs: {} } };
}

function mergeMove(entry: Entry, row: MergedRow): Merged {
  const base = entry.before.position;
  const theirs = "position" in row ? row.position : undefined;
  const merged = send(entry, row.revision);
  if (theirs === base) return merged;
  return { ...merged, notices: [makeNotice(entry, "position", base, theirs)] };
}

function mergeFields(entry: Entry, set: Values, row: MergedRow): Merged {
  const present = new Map(Object.entries(row));
  const kept: Record<string, unknown> = {};
  const waits: Record<string, unknown> = {};
  const theirs: Record<string, unknown> = {};
  const notices: Notice[] = [];
  for (const [field, ours] of Object.entries(set)) {
    const base = entry.before[field];
    const value = present.get(field);
    if (field === "tag_ids") kept[field] = ours;
    else if (isSame(value, ours) && isPartnerSame(set, present, field)) continue;
    else if (isSame(value, base) || isSame(value, ours)) kept[field] = ours;
    else if (!TEXTS.has(field)) {
      kept[field] = ours;
      notices.push(makeNotice(entry, field, ours, value));
    } else {
      const text = mergeLines(String(base ?? ""), String(ours), String(value));
      if (text === null) {
        waits[field] = ours;
        theirs[field] = value;
      } else kept[field] = text;
    }
  }
  const before = pick(present, Object.keys(kept));
  const sent = Object.keys(kept).length > 0 ? narrow(entry, kept, before, row.revision) : null;
  const waiting = narrow(entry, waits, entry.before, row.revision);
  const reason = "text" as const;
  const question = Object.keys(waits).length > 0 ? { reason, entry: waiting, theirs } : null;
  return { send: sent, ask: question, notices };
}

/** The entry with only these fields. */
function narrow(entry: Entry, set: Values, before: Values, ifRevision: number): Entry {
  const change = { ...entry.change, set } as Entry["change"];
  const effects = entry.effects.map((effect, index) =>
    index === 0 ? narrowEffect(entry, effect, set) : effect,
  );
  return { ...entry, change, before, effects, ifRevision, edit: entry.edit + 1 };
}

function narrowEffect(entry: Entry, effect: AnyEffect, set: Values): AnyEffect {
  const old = "set" in entry.change ? Object.keys(entry.change.set) : [];
  const patch = Object.entries(effect.patch ?? {}).filter(
    ([field]) => !old.includes(field) || field in set,
  );
  const { tag_ids: _, ...values } = set;
  return { ...effect, patch: { ...Object.fromEntries(patch), ...values } } as AnyEffect;
}

function isPartnerSame(set: Values, present: ReadonlyMap<string, unknown>, field: string): boolean {
  const partner = PARTNERS[field];
  return partner === undefined || !(partner in set) || isSame(present.get(partner), set[partner]);
}

function makeNotice(entry: Entry, field: string, ours: unknown, theirs: unknown): Notice {
  const { kind, id } = entry.change;
  return { key: `${entry.key}:${field}`, kind, id, field, ours, theirs };
}

function pick(values: ReadonlyMap<string, unknown>, fields: readonly string[]): Values {
  return Object.fromEntries(fields.map((field) => [field, values.get(field)]));
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function asTask(row: MergedRow): TaskRow | null {
  return "repeat_at" in row ? (row as TaskRow) : null;
}
