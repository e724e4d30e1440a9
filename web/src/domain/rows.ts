/**
 * The rows of the replica, with the names and shapes of `GET /api/v1/changes`.
 *
 * Ids are UUIDs in lower case. A `…_at` is an instant in RFC 3339, in UTC. A due date is a date
 * (`2026-12-01`), a local time (`2026-12-01T09:00:00`) or an instant (`2026-12-01T09:00:00+01:00`).
 */

export type Status = "todo" | "in_progress" | "done" | "cancelled";
export type Priority = 1 | 2 | 3 | 4 | 5;
export type RepeatMode = "schedule" | "each" | "completion";
export type Role = "owner" | "editor" | "viewer";

export interface TaskRow {
  readonly id: string;
  /** Null until the server has received the task. */
  readonly number: number | null;
  readonly title: string;
  readonly description: string;
  readonly status: Status;
  readonly priority: Priority;
  readonly due_date: string | null;
  readonly due_time_zone: string | null;
  readonly repeat_rule: string | null;
  readonly repeat_mode: RepeatMode;
  readonly repeat_except: readonly string[];
  readonly repeat_start: string | null;
  readonly repeat_at: string | null;
  readonly repeat_gone: number;
  readonly category_id: string | null;
  readonly tag_ids: readonly string[];
  /** The id of the parent task. */
  readonly parent: string | null;
  /** The id of a member. */
  readonly assignee: string | null;
  /** A fractional index: compared as bytes, ties are broken by the id. */
  readonly position: string;
  /** The revision of the server that this row was read at; 0 until the server has the task. */
  readonly revision: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly completed_at: string | null;
  /** Not null while the task is in the trash. */
  readonly deleted_at: string | null;
}

export interface CategoryRow {
  readonly id: string;
  readonly name: string;
  /** `#rrggbb`, or null for none. */
  readonly color: string | null;
  readonly position: number | string;
  readonly archived: boolean;
  readonly revision: number;
  readonly deleted_at: string | null;
}

export interface TagRow {
  readonly id: string;
  readonly name: string;
  readonly color: string | null;
  readonly revision: number;
  readonly deleted_at: string | null;
}

export interface MemberRow {
  /** The id of the user. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly revision: number;
}

/** An occurrence of a repeating task that is over. */
export interface OccurrenceRow {
  readonly id: string;
  readonly task_id: string;
  readonly occurrence: string;
  readonly due_date: string;
  readonly due_time_zone: string | null;
  readonly outcome: "done" | "skipped";
  readonly ended_at: string;
  readonly ended_by: string | null;
  readonly revision: number;
  readonly deleted_at: string | null;
}

/** A saved filter, own or shared. */
export interface SavedFilterRow {
  readonly id: string;
  readonly name: string;
  readonly filter: string;
  readonly sort: string | null;
  readonly group_by: string;
  readonly color: string | null;
  readonly position: string;
  readonly shared: boolean;
  readonly owner: string | null;
  readonly revision: number;
  readonly deleted_at: string | null;
}

/** The person who uses the app: what `GET /auth/me` returns, as far as rules need it. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** An IANA name, for example `Europe/Berlin`. */
  readonly time_zone: string;
  readonly language: string;
  readonly date_order: "none" | "dmy" | "mdy" | "ymd";
  readonly is_admin: boolean;
}
