/**
 * The component schemas of the API. `python -m scripts.web_types` writes this file.
 */

/** Your account. */
export interface Account {
  id: string;
  email: string;
  name: string;
  time_zone: string;
  /** The language of quick add. */
  language: string;
  /** The order of day and month in dates with slashes in quick add. */
  date_order: "dmy" | "mdy" | "none";
  is_admin: boolean;
  personal_workspace_id: string;
  created_at: string;
  updated_at: string;
}

/** The current password, and new owners for workspaces that would have no owner. */
export interface AccountDeletion {
  current_password: string;
  hand_over?: HandOverField;
}

/** Changes to your account. */
export interface AccountPatch {
  name?: string;
  time_zone?: string;
  /** The language of quick add. */
  language?: string;
  /** What quick add reads `3/12` as: 3 December (`dmy`), March 12 (`mdy`) or text (`none`). */
  date_order?: "dmy" | "mdy" | "none";
  /** Requires `current_password`. */
  email?: string;
  current_password?: string;
}

/** The credential with which a change was made. */
export interface ActingCredential {
  id: string;
  /** `ended`: a session or API token that no longer exists. */
  kind: "session" | "api_token" | "ended";
  /** The name of an API token. */
  name: string | null;
}

/** The user who made a change. */
export interface Actor {
  id: string;
  /** Null for a deleted account. */
  name: string | null;
}

/** Add a tag to the tasks: exactly one of `tag` and `tag_id`. */
export interface AddTagToAll {
  filter?: FilterField;
  ids?: IdsField;
  allow_unknown?: AllowUnknownField;
  dry_run?: DryRunField;
  /** The tag by name. */
  tag?: string | null;
  /** The tag by id. */
  tag_id?: string | null;
  action: "add_tag";
}

/** Directly after this task, by id or number. */
export type AfterField = number | string;

/** Accept unknown names in `filter`. */
export type AllowUnknownField = boolean;

/** An API token, without its secret. */
export interface ApiToken {
  id: string;
  name: string;
  scopes: ("tasks:read" | "tasks:write" | "tasks:purge" | "account:read" | "account:write" | "admin")[];
  workspace_id: string | null;
  created_at: string;
  expires_at: string | null;
  /** The time of the last use, to the minute. */
  last_used_at: string | null;
}

/** A new API token for a program or an agent. */
export interface ApiTokenCreate {
  name: string;
  /** The scopes of the token. */
  scopes: ("tasks:read" | "tasks:write" | "tasks:purge" | "account:read" | "account:write" | "admin")[];
  /** The time of expiry (RFC 3339 with offset). */
  expires_at?: string | null;
  /** If set, the token is limited to this workspace. */
  workspace_id?: string | null;
}

/** A new API token with its secret, which is shown only once. */
export interface ApiTokenWithSecret {
  id: string;
  name: string;
  scopes: ("tasks:read" | "tasks:write" | "tasks:purge" | "account:read" | "account:write" | "admin")[];
  workspace_id: string | null;
  created_at: string;
  expires_at: string | null;
  /** The time of the last use, to the minute. */
  last_used_at: string | null;
  token: string;
}

/** A security event. */
export interface AuditEvent {
  id: string;
  at: string;
  kind: "account.registered" | "account.created" | "account.disabled" | "account.enabled" | "account.email_changed" | "account.signed_out" | "account.exported" | "account.deleted" | "admin.granted" | "admin.revoked" | "login.succeeded" | "login.failed" | "session.ended" | "session.others_ended" | "refresh.reused" | "password.changed" | "password.set" | "token.created" | "token.deleted" | "invitation.created" | "invitation.used" | "invitation.deleted" | "member.added" | "member.changed" | "member.removed" | "workspace.deleted" | "workspace.restored" | "job.cancelled" | "job.retried";
  /** The user who caused the event. */
  user_id: string | null;
  /** The current e-mail address of that user. */
  user_email: string | null;
  /** The id of the session or API token that was used. */
  credential_id: string | null;
  /** The id of the affected user, token, invitation, workspace or job. */
  subject_id: string | null;
  /** The current e-mail address of an affected user. */
  subject_email: string | null;
  /** The IP address of the client. */
  address: string | null;
  /** The request id in `X-Request-ID` and in the server log. */
  request_id: string | null;
  /** Further data by kind: `email`, `role`, `workspace_id`, … */
  details: Record<string, unknown>;
}

/** The batches of the job in the change log, oldest first: one for each chunk with changes. */
export type BatchesField = string[];

/** Directly before this task, by id or number. */
export type BeforeField = number | string;

export interface Body_token_auth_token_post {
  /** The e-mail address. */
  username: string;
  password: string;
  grant_type?: string | null;
  /** Ignored: a session has every scope. */
  scope?: string;
}

/** The results of all operations, in their order. */
export interface BulkAnswer {
  results: BulkResult[];
  succeeded: number;
  failed: number;
  dry_run: boolean;
  /** The id of the batch: all changes of this request in the change log. */
  batch: string | null;
  /** The revision of the workspace after the request; null for a dry run. */
  revision: number | null;
}

/** The response to the dry run of a bulk process. */
export interface BulkPreview {
  dry_run: true;
  /** The number of matching tasks. */
  matched: number;
  /** The first tasks by number, at most 20. */
  sample: SampledTask[];
  warnings?: WarningsField;
}

/** Operations on tasks, run in order in one transaction. */
export interface BulkRequest {
  /** Each operation sees the effects of the previous ones. */
  operations: (CreateOperation | UpdateOperation | MoveOperation | CompleteOperation | SkipOperation | TrashOperation | RestoreOperation | PurgeOperation)[];
  /** True: apply all operations or none, and return the first error. */
  atomic?: boolean;
  /** Validate and return all results without writing. */
  dry_run?: boolean;
}

/** The result of one operation. */
export interface BulkResult {
  /** The status of the equivalent single request: 201 created, 200 updated, moved, completed, skipped or restored, 204 trashed or purged, 4xx failed. */
  status: number;
  /** The task's id; null if unknown. */
  id: string | null;
  /** Null if the task was trashed or purged, or if the operation failed. */
  task: TaskWritten | null;
  /** The revision at which the request changed the task last; null if it did not change it. */
  revision: number | null;
  /** The error; null if the operation succeeded. */
  problem: Problem | null;
}

/** A category. */
export interface Category {
  id: string;
  name: string;
  color: string | null;
  position: number;
  archived: boolean;
  revision: number;
  created_at: string;
  updated_at: string;
}

/** The number of tasks in a category. */
export interface CategoryCount {
  /** Null: no category. */
  category: CategoryReference | null;
  total: number;
  open: number;
}

/** A new category. */
export interface CategoryCreate {
  id?: IdField;
  name: string;
  color?: ColorField;
  /** Default: last. */
  position?: number | null;
  /** Default: `false`. */
  archived?: boolean;
}

/** The category by name, ignoring case. */
export type CategoryField = string | null;

/** The category by id. */
export type CategoryIdField = string | null;

/** Changes to a category. */
export interface CategoryPatch {
  name?: string;
  color?: ColorField;
  /** The sort position. */
  position?: number;
  archived?: boolean;
}

/** The category of a task. */
export interface CategoryReference {
  id: string;
  name: string;
}

/** One change of one row. */
export interface Change {
  revision: number;
  /** The batch id, shared by all changes of one request. */
  batch: string;
  at: string;
  kind: "workspace" | "member" | "category" | "tag" | "task" | "occurrence" | "filter";
  /** The id of the changed row; for a member, the user id. */
  id: string;
  /** The current name; null if the row was permanently deleted. */
  name: string | null;
  /** The number of a task. */
  number: number | null;
  action: "created" | "updated" | "trashed" | "restored" | "purged";
  /** Null for changes by the server. */
  user: Actor | null;
  /** Null for the command line and the server. */
  credential: ActingCredential | null;
  fields: FieldChange[];
}

/** One page of changed rows with their current values. */
export interface Changes {
  /** Null if it has not changed. */
  workspace: SyncedWorkspace | null;
  /** On the first page of a sync without a token; otherwise null. */
  counts: TaskCounts | null;
  members: SyncedMember[];
  categories: SyncedCategory[];
  tags: SyncedTag[];
  tasks: SyncedTask[];
  occurrences: SyncedOccurrence[];
  /** Your own saved filters and the shared ones. */
  filters: SyncedFilter[];
  /** The permanently deleted rows, the saved filters that are no longer shared with you, and with `filter`, the changed tasks that do not match it. */
  removed: Tombstone[];
  /** If `has_more` is false, your copy has all changes up to this revision. */
  revision: number;
  /** The sync token. */
  next: string;
  /** True: request the next page at once. */
  has_more: boolean;
  warnings?: WarningsField;
}

/** The color as `#rrggbb`. */
export type ColorField = string | null;

/** Set the status to `done`. */
export interface CompleteAll {
  filter?: FilterField;
  ids?: IdsField;
  allow_unknown?: AllowUnknownField;
  dry_run?: DryRunField;
  action: "complete";
  subtasks?: SubtasksField;
}

/** Complete a task, or the current occurrence of a repeating task. */
export interface CompleteOperation {
  occurrence?: OccurrenceField;
  op: "complete";
  id: IdField2;
  if_revision?: IfRevisionField;
  subtasks?: SubtasksField;
}

/** A category in a list, with its task counts. */
export interface CountedCategory {
  id: string;
  name: string;
  color: string | null;
  position: number;
  archived: boolean;
  revision: number;
  created_at: string;
  updated_at: string;
  /** The number of tasks outside the trash. */
  task_count: number;
  open_task_count: OpenTaskCountField;
}

/** A tag in a list, with its task counts. */
export interface CountedTag {
  id: string;
  name: string;
  color: string | null;
  revision: number;
  created_at: string;
  updated_at: string;
  /** The number of tasks outside the trash. */
  task_count: number;
  open_task_count: OpenTaskCountField;
}

/** Create a task. */
export interface CreateOperation {
  op: "create";
  task: TaskCreate;
}

/** The counts of one day, from midnight to midnight in the time zone. */
export interface DayCount {
  date: string;
  created: number;
  completed: number;
}

/** When it was moved to the trash; null outside the trash. */
export type DeletedAtField = string | null;

/** The time at which it was moved to the trash; null if it is not in the trash. */
export type DeletedAtField2 = string | null;

/** Only return the tasks that would be processed. */
export type DryRunField = boolean;

/** A date, a local date-time or a date-time with offset. */
export type DueDateField = string | null;

/** Stored as given. */
export type DueDateField2 = string | null;

/** The IANA time zone of a local date-time in `due_date`. */
export type DueTimeZoneField = string | null;

/** An occurrence that was completed or skipped. */
export interface EndedOccurrence {
  id: string;
  /** Its scheduled date or local date-time, which identifies it. */
  occurrence: string;
  /** When it was due. */
  due_date: string;
  due_time_zone: string | null;
  outcome: "done" | "skipped";
  ended_at: string;
  /** The user's id; null for the server. */
  ended_by: string | null;
  revision: number;
}

/** A changed field, with its old and new value. */
export interface FieldChange {
  field: string;
  /** The logged value. */
  old: unknown;
  new: unknown;
  /** The current name of the row that `old` refers to. */
  old_name: string | (string | null)[] | null;
  new_name: string | (string | null)[] | null;
}

/** The result of parsing a filter. */
export interface FilterCheck {
  /** The operators and conditions in order; with an error, those before it. */
  spans: FilterSpan[];
  /** The first error. */
  errors: FilterProblem[];
  warnings: FilterWarning[];
}

/** The filter parameters of the task list, or a text in the filter language. */
export type FilterField = ProcessFilter | string | null;

/** A text in the filter language. */
export type FilterField2 = string;

/** A position in the manual order of saved filters: exactly one of the three fields. */
export interface FilterPlace {
  /** Directly before this filter, by id. */
  before?: string;
  /** Directly after this filter, by id. */
  after?: string;
  /** Before or after all other filters. */
  to?: "start" | "end";
}

/** The reason why a text is not a filter. */
export interface FilterProblem {
  code: "unexpected_end" | "unexpected_token" | "unclosed_parenthesis" | "unclosed_quote" | "unknown_field" | "bad_value" | "bad_operator" | "too_long" | "too_many_conditions" | "too_deep";
  message: string;
  /** The first position, in Unicode code points from 0. */
  start: number;
  /** The position after the last one. */
  end: number;
  /** What is allowed instead; empty if it cannot be listed. */
  expected: string[];
}

/** A part of the text of a filter. */
export interface FilterSpan {
  /** `operator`, `parenthesis`, or for a condition, the name of its field, such as `due` and `category`. */
  kind: string;
  /** The first position, in Unicode code points from 0. */
  start: number;
  /** The position after the last one. */
  end: number;
}

/** An unknown name in a filter, or a text without words. */
export interface FilterWarning {
  /** `no_words`: a text without letters and digits. */
  code: "unknown_category" | "unknown_tag" | "unknown_assignee" | "unknown_parent" | "no_words";
  message: string;
  /** The first position, in Unicode code points from 0. */
  start: number;
  /** The position after the last one. */
  end: number;
}

/** By what a client groups the tasks. */
export type GroupByField = "none" | "due_date" | "priority" | "category" | "tag" | "status" | "assignee";

/** The new owners of shared workspaces that only this user owns. */
export type HandOverField = Record<string, string>;

/** The health of the server and of its dependencies. */
export interface Health {
  /** `ok` and `degraded` (Redis or the replica is unavailable) have status 200. */
  status: "ok" | "degraded" | "stopping" | "unavailable";
  /** Why the database is unavailable; null if it is available. */
  reason: string | null;
  version: string;
  timestamp: string;
  /** The time of the database check. */
  checked_at: string;
  database: "ok" | "unavailable";
  database_engine: "sqlite" | "postgresql";
  migrations: Migrations;
  /** Null if not configured. */
  replica: "ok" | "unavailable" | null;
  /** Null if not configured. */
  redis: "ok" | "unavailable" | null;
}

/** An id chosen by the client, preferably a UUIDv7. */
export type IdField = string | null;

/** The task, by id or number. */
export type IdField2 = number | string;

/** The tasks by id or number. */
export type IdsField = (number | string)[] | null;

/** The `revision` of your copy of the task. */
export type IfRevisionField = number | null;

/** An invitation. */
export interface Invitation {
  id: string;
  email: string | null;
  created_at: string;
  expires_at: string;
  used_at: string | null;
}

/** A new invitation to register. */
export interface InvitationCreate {
  /** If set, only this address can use the invitation. */
  email?: string | null;
}

/** A new invitation with its token, which is shown only once. */
export interface InvitationWithToken {
  id: string;
  email: string | null;
  created_at: string;
  expires_at: string;
  used_at: string | null;
  token: string;
}

/** An item. */
export interface Item {
  /** The task's number. */
  id: number;
  title: string;
  description: string | null;
  completed: boolean;
}

/** A new item. */
export interface ItemCreate {
  title: string;
  /** Null is equivalent to an empty text. */
  description?: string | null;
  /** Default: `false`. */
  completed?: boolean;
}

/** An error of `/items` and `/api/todo`. */
export interface ItemError {
  /** A short description of the kind of error. */
  error: string;
  details: string;
}

/** A background job. */
export interface Job {
  id: string;
  kind: "bulk_process" | "import";
  state: StateField;
  /** The number of processed items, including failed ones. */
  done: number;
  /** The total number of items; null until it is known. */
  total: number | null;
  /** The number of failed items. */
  failed: number;
  /** The errors of the failed items, at most one hundred. */
  errors: JobFault[];
  /** The result as counts. */
  result: Record<string, number>;
  batches: BatchesField;
  /** The revision of the workspace after the last batch. */
  revision: number | null;
  /** Why the job failed or is being retried. */
  error: string | null;
  created_at: string;
  finished_at: string | null;
}

/** The error of one item of a job. */
export interface JobFault {
  /** The task number, or the line number in the file. */
  item: number;
  message: string;
  code: string;
  /** JSON pointer to the field (RFC 6901), if any. */
  pointer: string | null;
}

/** The process is alive. */
export interface Liveness {
  status: "ok";
}

/** The credentials of a login. */
export interface Login {
  email: string;
  password: string;
}

/** A member of a workspace. */
export interface Member {
  user_id: string;
  email: string;
  name: string;
  role: "owner" | "editor" | "viewer";
  revision: number;
  created_at: string;
  updated_at: string;
}

/** A new member, by the e-mail address of an existing account. */
export interface MemberAdd {
  email: string;
  /** Default: `editor`. */
  role?: "owner" | "editor" | "viewer";
}

/** The new role of a member. */
export interface MemberPatch {
  role: "owner" | "editor" | "viewer";
}

/** The migration revision of the database, and the one that the server requires. */
export interface Migrations {
  current: string | null;
  needed: string;
}

/** Move the tasks to a category: exactly one of `category` and `category_id`. */
export interface MoveAll {
  filter?: FilterField;
  ids?: IdsField;
  allow_unknown?: AllowUnknownField;
  dry_run?: DryRunField;
  action: "move";
  subtasks?: SubtasksField;
  /** The category by name. */
  category?: string | null;
  /** The category by id. */
  category_id?: string | null;
}

/** Move a task in the manual order: exactly one of `before`, `after` and `to`. */
export interface MoveOperation {
  before?: BeforeField;
  after?: AfterField;
  /** Before or after all other tasks. */
  to?: "start" | "end";
  op: "move";
  id: IdField2;
  if_revision?: IfRevisionField;
  subtasks?: SubtasksField;
}

/** Send it as `cursor` to get the next page. */
export type NextCursorField = string | null;

/** The occurrence to complete or skip. */
export interface OccurrenceChoice {
  occurrence?: OccurrenceField;
}

/** The occurrence that you show, which is `repeat_at` of the task. */
export type OccurrenceField = string | null;

/** The number of these that are to do or in progress. */
export type OpenField = number;

/** The number of these that are to do or in progress. */
export type OpenSubtaskCountField = number;

/** The number of these that are to do or in progress. */
export type OpenTaskCountField = number;

/** A workspace that would have no owner. */
export interface OwnerlessWorkspace {
  id: string;
  name: string;
  members: PossibleOwner[];
}

export interface Page_ApiToken {
  items: ApiToken[];
  next_cursor: NextCursorField;
}

export interface Page_AuditEvent {
  items: AuditEvent[];
  next_cursor: NextCursorField;
}

export interface Page_Change {
  items: Change[];
  next_cursor: NextCursorField;
}

export interface Page_CountedCategory {
  items: CountedCategory[];
  next_cursor: NextCursorField;
}

export interface Page_CountedTag {
  items: CountedTag[];
  next_cursor: NextCursorField;
}

export interface Page_EndedOccurrence {
  items: EndedOccurrence[];
  next_cursor: NextCursorField;
}

export interface Page_Invitation {
  items: Invitation[];
  next_cursor: NextCursorField;
}

export interface Page_Job {
  items: Job[];
  next_cursor: NextCursorField;
}

export interface Page_Member {
  items: Member[];
  next_cursor: NextCursorField;
}

export interface Page_SavedFilter {
  items: SavedFilter[];
  next_cursor: NextCursorField;
}

export interface Page_ServerJob {
  items: ServerJob[];
  next_cursor: NextCursorField;
}

export interface Page_Session {
  items: Session[];
  next_cursor: NextCursorField;
}

export interface Page_TaskListed {
  items: TaskListed[];
  next_cursor: NextCursorField;
}

export interface Page_User {
  items: User[];
  next_cursor: NextCursorField;
}

export interface Page_Workspace {
  items: Workspace[];
  next_cursor: NextCursorField;
}

/** The parent task, by id or number. */
export type ParentField = number | string | null;

/** The current password and the new one. */
export interface PasswordChange {
  current_password: string;
  new_password: string;
}

/** The current password, as confirmation. */
export interface PasswordConfirmation {
  current_password: string;
}

/** The rules of new passwords. */
export interface PasswordRules {
  min_length: number;
  max_length: number;
  /** `not_common`: not among the most common passwords, also with digits or `!?.` around it. */
  rules: ("not_common" | "four_different_characters" | "not_email")[];
}

/** The position in the manual order. */
export type PlaceField = TaskPlace | null;

/** The connection pool of one process. */
export interface Pool {
  /** The number of the process, from 0. */
  process: number;
  pid: number;
  /** `sqlite` or `postgresql`. */
  engine: string;
  /** The maximum number of connections. */
  size: number;
  in_use: number;
  /** The number of requests and jobs waiting for a connection. */
  waiting: number;
  /** The number of waits since the start. */
  waits: number;
  /** The total wait time. */
  wait_seconds: number;
  longest_wait_seconds: number;
}

/** The connection pools of all processes of the server that share a port. */
export interface Pools {
  processes: Pool[];
}

/** The key of the manual order. */
export type PositionField = string;

/** A member of a workspace who can become its owner. */
export interface PossibleOwner {
  user_id: string;
  email: string;
  name: string;
  role: string;
}

/** The number of tasks with a priority. */
export interface PriorityCount {
  priority: number;
  total: number;
  open: OpenField;
}

/** An error: what is wrong, where, and how to fix it. */
export interface Problem {
  /** The URI of the page that explains the code. */
  type: string;
  title: string;
  status: number;
  detail: string;
  /** The machine-readable error code. */
  code: string;
  request_id: string;
  timestamp: string;
  /** The field errors, for `validation_failed` and similar errors. */
  errors?: ProblemField[];
  /** The first hundred conflicts; only for `undo_conflict`. */
  conflicts?: UndoConflict[];
  /** The workspaces without another owner; only for `sole_owner`. */
  workspaces?: OwnerlessWorkspace[];
}

/** One invalid field or parameter. */
export interface ProblemField {
  /** A JSON pointer (RFC 6901) into the body, or a parameter as `query/…`, `path/…` or `header/…`. */
  pointer: string;
  message: string;
  code: string;
  /** The position of the first wrong character, in Unicode code points from 0; only for a text that is parsed, such as a filter. */
  start?: number;
  /** The position after the last wrong character, like `start`. */
  end?: number;
  /** What is allowed instead, if it can be listed. */
  expected?: string[];
}

/** The filter of a bulk process. */
export interface ProcessFilter {
  /** A filter in the filter language. */
  filter?: string | null;
  /** One of these statuses. */
  status?: ("todo" | "in_progress" | "done" | "cancelled")[];
  /** True: status `done`. */
  completed?: boolean | null;
  /** One of these priorities; 1 is the highest. */
  priority?: number[];
  /** The lowest matching priority number. */
  priority_min?: number | null;
  /** The highest matching priority number. */
  priority_max?: number | null;
  /** In one of these categories, by name (ignoring case) or id. */
  category?: string[];
  /** Without a category. */
  no_category?: boolean | null;
  /** With all of these tags, by name. */
  tag?: string[];
  /** With at least one of these tags, by name. */
  tag_any?: string[];
  /** Without any tag. */
  no_tag?: boolean | null;
  /** Due earlier than this day or moment. */
  due_before?: string | null;
  /** Due later than this day or moment. */
  due_after?: string | null;
  /** Due on this day or at this moment. */
  due_on?: string | null;
  /** To do or in progress, with a due date in the past. */
  overdue?: boolean | null;
  /** Without a due date. */
  no_due_date?: boolean | null;
  /** Created earlier than this day or moment. */
  created_before?: string | null;
  /** Created later than this day or moment. */
  created_after?: string | null;
  /** Updated earlier than this day or moment. */
  updated_before?: string | null;
  /** Updated later than this day or moment. */
  updated_after?: string | null;
  /** Completed earlier than this day or moment. */
  completed_before?: string | null;
  /** Completed later than this day or moment. */
  completed_after?: string | null;
  /** Direct sub-tasks of this task, by id or number. */
  parent?: string | null;
  /** A user's id, `me`, or `none`. */
  assignee?: string | null;
  /** Search words, `"a phrase"`, `-excluded` or `prefix*`. */
  q?: string | null;
  /** Tasks in the trash are never processed. */
  deleted?: "exclude";
  /** The time zone in which days begin and end. */
  time_zone?: string | null;
}

/** The to-dos are being processed in the background. */
export interface ProcessingStarted {
  message: "Processing started";
}

/** Delete a task and all its sub-tasks permanently. */
export interface PurgeOperation {
  op: "purge";
  id: IdField2;
  if_revision?: IfRevisionField;
}

/** The fields that the text sets. */
export interface QuickAddFields {
  title?: string;
  description?: string;
  /** A date or a local date-time. */
  due_date?: string;
  category?: string;
  tags?: string[];
  priority?: number;
  /** The text after `+`: `me`, or a name or e-mail address. */
  assignee?: string;
  /** The number of the parent task. */
  parent?: number;
  /** Negative durations before the due time (`-PT30M`), and times on the due day (`08:00`). */
  reminders?: string[];
  /** A recurrence rule (RFC 5545, section 3.3.10). */
  repeat_rule?: string;
  repeat_mode?: "completion";
}

/** An error or a warning about a part of the text. */
export interface QuickAddIssue {
  code: string;
  message: string;
  start: number;
  end: number;
}

/** What a text means. */
export interface QuickAddPreview {
  fields: QuickAddFields;
  spans: QuickAddSpan[];
  /** Parts that look like a date but stay in the title. */
  warnings: QuickAddIssue[];
  /** Reasons why no task can be created. */
  errors: QuickAddIssue[];
}

/** A text to create a task from. */
export interface QuickAddRequest {
  /** The title of the task, with its due date, `#category`, `@tag`, `+assignee`, `p1` to `p5`, `^parent` and `// description`. */
  text: string;
  /** True returns what the text means, and creates nothing. */
  dry_run?: boolean;
  /** The language of dates. */
  language?: string | null;
  /** What `3/12` is read as: 3 December (`dmy`), March 12 (`mdy`) or text (`none`). */
  date_order?: "dmy" | "mdy" | "none" | null;
  /** The time zone of today. */
  time_zone?: string | null;
}

/** A recognised part of the text. */
export interface QuickAddSpan {
  kind: "category" | "tag" | "assignee" | "priority" | "parent" | "reminder" | "due_date" | "repeat" | "description";
  /** The position of the first character. */
  start: number;
  /** The position after the last character. */
  end: number;
}

/** A new task, and how its text was read. */
export interface QuickAddedTask {
  id: string;
  /** A small number, unique in the workspace. */
  number: number;
  title: string;
  status: "todo" | "in_progress" | "done" | "cancelled";
  completed: boolean;
  priority: number;
  due_date: string | null;
  due_time_zone: string | null;
  repeat_rule: string | null;
  repeat_mode: "schedule" | "each" | "completion" | null;
  repeat_except: string[];
  repeat_start: RepeatStartField;
  repeat_at: RepeatAtField;
  repeat_gone: RepeatGoneField;
  category: CategoryReference | null;
  category_id: string | null;
  /** In alphabetical order. */
  tags: string[];
  tag_ids: TagIdsField;
  parent: string | null;
  assignee: string | null;
  position: PositionField;
  /** The revision of its last change. */
  revision: number;
  created_at: string;
  updated_at: string;
  completed_at: string | null;
  deleted_at: DeletedAtField;
  /** The number of direct sub-tasks outside the trash. */
  subtask_count: number;
  open_subtask_count: OpenSubtaskCountField;
  description: string;
  spans: QuickAddSpan[];
  warnings: QuickAddIssue[];
}

/** The refresh token to exchange for a new pair. */
export interface Refresh {
  refresh_token: string;
}

/** A new account. */
export interface Register {
  email: string;
  /** 10 to 256 characters. */
  password: string;
  /** Default: the part of the e-mail address before the @. */
  name?: string | null;
  /** Default: `Etc/UTC`. */
  time_zone?: string;
  /** The invitation token, if registration requires one. */
  invitation?: string | null;
  /** Required for the first account of a server in production or on a public address: the token that the server prints at its start. */
  setup_token?: string | null;
  /** `cookie`: log in by cookie, like `POST /auth/session`, and return the account. */
  session?: "token" | "cookie";
}

/** Who may register an account with the API. */
export type Registration = "open" | "invitation" | "closed";

/** The registration rules of the server. */
export interface RegistrationRules {
  /** The setting `TASKSTEAD_REGISTRATION`. */
  registration: Registration;
  /** The validity of invitations in days. */
  invitation_days: number;
}

/** Remove a tag from the tasks: exactly one of `tag` and `tag_id`. */
export interface RemoveTagFromAll {
  filter?: FilterField;
  ids?: IdsField;
  allow_unknown?: AllowUnknownField;
  dry_run?: DryRunField;
  /** The tag by name. */
  tag?: string | null;
  /** The tag by id. */
  tag_id?: string | null;
  action: "remove_tag";
}

/** The occurrence that the current due date stands for. */
export type RepeatAtField = string | null;

/** Occurrences that do not take place, by scheduled date or local date-time. */
export type RepeatExceptField = string[];

/** The number of occurrences that are over. */
export type RepeatGoneField = number | null;

/** What completing a repeating task does. */
export type RepeatModeField = "schedule" | "each" | "completion" | null;

/** A rule to preview. */
export interface RepeatPreview {
  repeat_rule: string;
  repeat_mode?: RepeatModeField;
  repeat_except?: RepeatExceptField;
  /** The first due date. */
  due_date: string;
  due_time_zone?: string | null;
  /** How many occurrences to return. */
  count?: number;
}

/** A recurrence rule (RFC 5545, 3.3.10) with FREQ from DAILY to YEARLY. */
export type RepeatRuleField = string | null;

/** The due date from which the rule counts. */
export type RepeatStartField = string | null;

/** Restore a task from the trash, with exactly the sub-tasks that were trashed with it. */
export interface RestoreOperation {
  op: "restore";
  id: IdField2;
  if_revision?: IfRevisionField;
}

/** The revision of the workspace after the last change of this row. */
export type RevisionField = number;

/** A task that a bulk process would process. */
export interface SampledTask {
  id: string;
  number: number;
  title: string;
}

/** A saved filter. */
export interface SavedFilter {
  id: string;
  name: string;
  filter: string;
  sort: string | null;
  group_by: GroupByField;
  color: string | null;
  position: PositionField;
  shared: boolean;
  /** The user who created it, by user id. */
  owner: string;
  revision: number;
  created_at: string;
  updated_at: string;
}

/** A new saved filter. */
export interface SavedFilterCreate {
  id?: IdField;
  name: string;
  filter: FilterField2;
  /** The `sort` of the task list; null for its default order. */
  sort?: string | null;
  /** By what a client groups the tasks. */
  group_by?: "none" | "due_date" | "priority" | "category" | "tag" | "status" | "assignee";
  color?: ColorField;
  /** False: visible to you only. */
  shared?: boolean;
  /** Default: last. */
  place?: FilterPlace | null;
}

/** Changes to a saved filter. */
export interface SavedFilterPatch {
  name?: string;
  filter?: FilterField2;
  /** The `sort` of the task list; null for its default order. */
  sort?: string | null;
  group_by?: GroupByField;
  color?: ColorField;
  /** Only the owner can set it to false. */
  shared?: boolean;
  /** Default: unchanged. */
  place?: FilterPlace | null;
}

/** What a client has to know before the user logs in. */
export interface ServerInfo {
  name: "Taskstead";
  version: string;
  /** Who can register. */
  registration: Registration;
  /** If false, the first account becomes the administrator. */
  has_accounts: boolean;
  /** Whether the next registration needs `setup_token`. */
  needs_setup_token: boolean;
  password: PasswordRules;
  /** What this server supports. */
  features: ("cookie_session" | "events" | "export" | "filters" | "import" | "preferences" | "quick_add" | "repeating_tasks" | "sync")[];
}

/** A job of any workspace or of the server, as shown to administrators. */
export interface ServerJob {
  id: string;
  kind: string;
  state: StateField;
  /** The number of processed items, including failed ones. */
  done: number;
  /** The total number of items; null until it is known. */
  total: number | null;
  /** The number of failed items. */
  failed: number;
  /** The errors of the failed items, at most one hundred. */
  errors: JobFault[];
  /** The result as counts. */
  result: Record<string, number>;
  batches: BatchesField;
  /** The revision of the workspace after the last batch. */
  revision: number | null;
  /** Why the job failed or is being retried. */
  error: string | null;
  created_at: string;
  finished_at: string | null;
  /** Null for jobs of the server. */
  workspace_id: string | null;
  /** The user who started the job. */
  user_id: string | null;
  /** The number of attempts since the last progress. */
  attempts: number;
  /** The time at which the job is or was due. */
  run_at: string;
  /** The worker that holds the lease. */
  claimed_by: string | null;
  /** When the lease expires. */
  claimed_until: string | null;
}

/** A session of yours. */
export interface Session {
  id: string;
  /** Whether this request belongs to the session. */
  current: boolean;
  /** `cookie` for the web app, `token` for other clients. */
  kind: "cookie" | "token";
  /** How you logged in. */
  method: "password";
  /** The browser or program, from its `User-Agent`: `Firefox 128 on Linux`. */
  client: string | null;
  /** The IP address at the login. */
  address: string | null;
  created_at: string;
  /** The time of the last use, to five minutes. */
  last_used_at: string | null;
  /** The time at which the session ends if it is not used. */
  expires_at: string;
}

/** Set the priority of the tasks. */
export interface SetPriorityOfAll {
  filter?: FilterField;
  ids?: IdsField;
  allow_unknown?: AllowUnknownField;
  dry_run?: DryRunField;
  action: "set_priority";
  /** 1 is the highest. */
  priority: number;
}

/** Shift the due dates by whole days. */
export interface ShiftDueDatesOfAll {
  filter?: FilterField;
  ids?: IdsField;
  allow_unknown?: AllowUnknownField;
  dry_run?: DryRunField;
  action: "shift_due_dates";
  /** The number of days. */
  days: number;
}

/** Skip the current occurrence of a repeating task. */
export interface SkipOperation {
  occurrence?: OccurrenceField;
  op: "skip";
  id: IdField2;
  if_revision?: IfRevisionField;
}

/** `queued`: waiting for a worker or for a retry. */
export type StateField = "queued" | "running" | "done" | "failed" | "cancelled";

/** Statistics of the matching tasks. */
export interface Statistics {
  total: number;
  /** The number of tasks to do or in progress. */
  open: number;
  /** The number of open tasks with a due date in the past. */
  overdue: number;
  /** The number of open tasks due today. */
  due_today: number;
  /** The number of open tasks due this week, Monday to Sunday. */
  due_this_week: number;
  /** All statuses in order. */
  by_status: StatusCount[];
  /** All priorities from 1 to 5. */
  by_priority: PriorityCount[];
  /** In descending order of tasks. */
  by_category: CategoryCount[];
  /** In descending order of tasks. */
  by_tag: TagCount[];
  /** All days of the range in order. */
  days: DayCount[];
  /** The median time from creation to completion of done tasks; null without any. */
  median_seconds_to_done: number | null;
  /** The time zone of the days. */
  time_zone: string;
  warnings?: WarningsField;
}

/** The number of tasks with a status. */
export interface StatusCount {
  status: "todo" | "in_progress" | "done" | "cancelled";
  total: number;
}

/** If the request completes the task or changes its parent, category or place: complete its open sub-tasks too, keep them open (the default), or refuse with 409 `open_subtasks` if there are any. */
export type SubtasksField = "complete" | "keep" | "refuse" | null;

/** `complete`: complete the open sub-tasks before they are trashed. */
export type SubtasksField2 = "complete" | "keep" | "refuse" | null;

/** A category. */
export interface SyncedCategory {
  id: string;
  name: string;
  color: string | null;
  position: number;
  archived: boolean;
  revision: RevisionField;
  created_at: string;
  updated_at: string;
  deleted_at: DeletedAtField2;
}

/** A saved filter. */
export interface SyncedFilter {
  id: string;
  name: string;
  filter: string;
  sort: string | null;
  group_by: GroupByField;
  color: string | null;
  position: PositionField;
  shared: boolean;
  /** The user who created it, by user id. */
  owner: string;
  revision: number;
  created_at: string;
  updated_at: string;
  deleted_at: DeletedAtField2;
}

/** A member. */
export interface SyncedMember {
  /** The user's id. */
  id: string;
  email: string;
  name: string;
  role: "owner" | "editor" | "viewer";
  revision: RevisionField;
  created_at: string;
  updated_at: string;
}

/** A completed or skipped occurrence of a repeating task. */
export interface SyncedOccurrence {
  id: string;
  /** Its scheduled date or local date-time, which identifies it. */
  occurrence: string;
  /** When it was due. */
  due_date: string;
  due_time_zone: string | null;
  outcome: "done" | "skipped";
  ended_at: string;
  /** The user's id; null for the server. */
  ended_by: string | null;
  revision: number;
  task_id: string;
  created_at: string;
  updated_at: string;
  deleted_at: DeletedAtField2;
}

/** A tag. */
export interface SyncedTag {
  id: string;
  name: string;
  color: string | null;
  revision: RevisionField;
  created_at: string;
  updated_at: string;
  deleted_at: DeletedAtField2;
}

/** A task. */
export interface SyncedTask {
  id: string;
  number: number;
  title: string;
  description: string;
  status: "todo" | "in_progress" | "done" | "cancelled";
  completed: boolean;
  priority: number;
  due_date: string | null;
  due_time_zone: string | null;
  repeat_rule: string | null;
  repeat_mode: "schedule" | "each" | "completion" | null;
  repeat_except: string[];
  repeat_start: RepeatStartField;
  repeat_at: RepeatAtField;
  repeat_gone: RepeatGoneField;
  category_id: string | null;
  tag_ids: TagIdsField;
  parent: string | null;
  assignee: string | null;
  position: PositionField;
  revision: RevisionField;
  created_at: string;
  updated_at: string;
  completed_at: string | null;
  deleted_at: DeletedAtField2;
}

/** The name and times of the workspace, without its content. */
export interface SyncedWorkspace {
  id: string;
  name: string;
  personal: boolean;
  created_at: string;
  updated_at: string;
}

/** A tag. */
export interface Tag {
  id: string;
  name: string;
  color: string | null;
  revision: number;
  created_at: string;
  updated_at: string;
}

/** The number of tasks with a tag. */
export interface TagCount {
  tag: TagReference;
  total: number;
  open: number;
}

/** A new tag. */
export interface TagCreate {
  id?: IdField;
  name: string;
  color?: ColorField;
}

/** In order of id. */
export type TagIdsField = string[];

/** The tags by id. */
export type TagIdsField2 = string[];

/** The target of a merge. */
export interface TagMerge {
  /** The id of the tag that remains. */
  into: string;
}

/** Changes to a tag. */
export interface TagPatch {
  name?: string;
  color?: ColorField;
}

/** A tag. */
export interface TagReference {
  id: string;
  name: string;
}

/** The tags by name. */
export type TagsField = string[];

/** A task. */
export interface Task {
  id: string;
  /** A small number, unique in the workspace. */
  number: number;
  title: string;
  status: "todo" | "in_progress" | "done" | "cancelled";
  completed: boolean;
  priority: number;
  due_date: string | null;
  due_time_zone: string | null;
  repeat_rule: string | null;
  repeat_mode: "schedule" | "each" | "completion" | null;
  repeat_except: string[];
  repeat_start: RepeatStartField;
  repeat_at: RepeatAtField;
  repeat_gone: RepeatGoneField;
  category: CategoryReference | null;
  category_id: string | null;
  /** In alphabetical order. */
  tags: string[];
  tag_ids: TagIdsField;
  parent: string | null;
  assignee: string | null;
  position: PositionField;
  /** The revision of its last change. */
  revision: number;
  created_at: string;
  updated_at: string;
  completed_at: string | null;
  deleted_at: DeletedAtField;
  /** The number of direct sub-tasks outside the trash. */
  subtask_count: number;
  open_subtask_count: OpenSubtaskCountField;
  description: string;
}

/** The numbers of tasks in the workspace, including the trash and regardless of a filter. */
export interface TaskCounts {
  total: number;
  /** The tasks that are `todo` or `in_progress`. */
  open: number;
  /** The tasks that are `done` or `cancelled`. */
  closed: number;
}

/** A new task. */
export interface TaskCreate {
  /** Markdown. */
  description?: string;
  /** `completed` is true exactly when this is `done`. */
  status?: "todo" | "in_progress" | "done" | "cancelled";
  /** True sets the status to `done`. */
  completed?: boolean;
  /** 1 is the highest. */
  priority?: number;
  due_date?: DueDateField;
  due_time_zone?: DueTimeZoneField;
  repeat_rule?: RepeatRuleField;
  repeat_mode?: RepeatModeField;
  repeat_except?: RepeatExceptField;
  category?: CategoryField;
  category_id?: CategoryIdField;
  tags?: TagsField;
  tag_ids?: TagIdsField2;
  parent?: ParentField;
  /** A member of the workspace, by user id. */
  assignee?: string | null;
  place?: PlaceField;
  title: string;
  id?: IdField;
}

/** A task in a list, without its description. */
export interface TaskListed {
  id: string;
  /** A small number, unique in the workspace. */
  number: number;
  title: string;
  status: "todo" | "in_progress" | "done" | "cancelled";
  completed: boolean;
  priority: number;
  due_date: string | null;
  due_time_zone: string | null;
  repeat_rule: string | null;
  repeat_mode: "schedule" | "each" | "completion" | null;
  repeat_except: string[];
  repeat_start: RepeatStartField;
  repeat_at: RepeatAtField;
  repeat_gone: RepeatGoneField;
  category: CategoryReference | null;
  category_id: string | null;
  /** In alphabetical order. */
  tags: string[];
  tag_ids: TagIdsField;
  parent: string | null;
  assignee: string | null;
  position: PositionField;
  /** The revision of its last change. */
  revision: number;
  created_at: string;
  updated_at: string;
  completed_at: string | null;
  deleted_at: DeletedAtField;
  /** The number of direct sub-tasks outside the trash. */
  subtask_count: number;
  open_subtask_count: OpenSubtaskCountField;
}

/** A page of tasks. */
export interface TaskPage {
  items: TaskListed[];
  next_cursor: NextCursorField;
  /** The number of all matching tasks; only with `include_total`. */
  total?: number;
  warnings?: WarningsField;
}

/** Changes to a task. */
export interface TaskPatch {
  /** Markdown. */
  description?: string;
  /** `completed` is true exactly when this is `done`. */
  status?: "todo" | "in_progress" | "done" | "cancelled";
  /** True sets the status to `done`. */
  completed?: boolean;
  /** 1 is the highest. */
  priority?: number;
  due_date?: DueDateField;
  due_time_zone?: DueTimeZoneField;
  repeat_rule?: RepeatRuleField;
  repeat_mode?: RepeatModeField;
  repeat_except?: RepeatExceptField;
  category?: CategoryField;
  category_id?: CategoryIdField;
  tags?: TagsField;
  tag_ids?: TagIdsField2;
  parent?: ParentField;
  /** A member of the workspace, by user id. */
  assignee?: string | null;
  place?: PlaceField;
  title?: string;
  /** Tags to add to the existing tags of the task, by name. */
  add_tags?: string[];
  /** Tags to add, by id. */
  add_tag_ids?: string[];
  /** Tags to remove from the task, by name. */
  remove_tags?: string[];
  /** Tags to remove, by id. */
  remove_tag_ids?: string[];
}

/** A position in the manual order: exactly one of the three fields. */
export interface TaskPlace {
  before?: BeforeField;
  after?: AfterField;
  /** Before or after all other tasks. */
  to?: "start" | "end";
}

/** A task with its description as Markdown and as HTML. */
export interface TaskRendered {
  id: string;
  /** A small number, unique in the workspace. */
  number: number;
  title: string;
  status: "todo" | "in_progress" | "done" | "cancelled";
  completed: boolean;
  priority: number;
  due_date: string | null;
  due_time_zone: string | null;
  repeat_rule: string | null;
  repeat_mode: "schedule" | "each" | "completion" | null;
  repeat_except: string[];
  repeat_start: RepeatStartField;
  repeat_at: RepeatAtField;
  repeat_gone: RepeatGoneField;
  category: CategoryReference | null;
  category_id: string | null;
  /** In alphabetical order. */
  tags: string[];
  tag_ids: TagIdsField;
  parent: string | null;
  assignee: string | null;
  position: PositionField;
  /** The revision of its last change. */
  revision: number;
  created_at: string;
  updated_at: string;
  completed_at: string | null;
  deleted_at: DeletedAtField;
  /** The number of direct sub-tasks outside the trash. */
  subtask_count: number;
  open_subtask_count: OpenSubtaskCountField;
  description: string;
  /** Sanitised HTML, safe to include in a page. */
  description_html: string;
}

/** The new values of all fields of a task. */
export interface TaskReplace {
  /** Markdown. */
  description?: string;
  /** `completed` is true exactly when this is `done`. */
  status?: "todo" | "in_progress" | "done" | "cancelled";
  /** True sets the status to `done`. */
  completed?: boolean;
  /** 1 is the highest. */
  priority?: number;
  due_date?: DueDateField;
  due_time_zone?: DueTimeZoneField;
  repeat_rule?: RepeatRuleField;
  repeat_mode?: RepeatModeField;
  repeat_except?: RepeatExceptField;
  category?: CategoryField;
  category_id?: CategoryIdField;
  tags?: TagsField;
  tag_ids?: TagIdsField2;
  parent?: ParentField;
  /** A member of the workspace, by user id. */
  assignee?: string | null;
  place?: PlaceField;
  title: string;
}

/** A task with only the requested fields. */
export interface TaskSelected {
  id?: string;
  number?: number;
  title?: string;
  status?: "todo" | "in_progress" | "done" | "cancelled";
  completed?: boolean;
  priority?: number;
  due_date?: string | null;
  due_time_zone?: string | null;
  repeat_rule?: string | null;
  repeat_mode?: "schedule" | "each" | "completion" | null;
  repeat_except?: string[];
  repeat_start?: string | null;
  repeat_at?: string | null;
  repeat_gone?: number | null;
  category?: CategoryReference | null;
  category_id?: string | null;
  tags?: string[];
  tag_ids?: string[];
  parent?: string | null;
  assignee?: string | null;
  position?: string;
  revision?: number;
  created_at?: string;
  updated_at?: string;
  completed_at?: string | null;
  deleted_at?: string | null;
  subtask_count?: number;
  open_subtask_count?: number;
  description?: string;
  description_html?: string;
}

/** A page of tasks with the requested fields. */
export interface TaskSelection {
  items: TaskSelected[];
  next_cursor: NextCursorField;
  /** The number of all matching tasks; only with `include_total`. */
  total?: number;
  warnings?: WarningsField;
}

/** A task after all operations, without its description. */
export interface TaskWritten {
  id: string;
  /** A small number, unique in the workspace. */
  number: number;
  title: string;
  status: "todo" | "in_progress" | "done" | "cancelled";
  completed: boolean;
  priority: number;
  due_date: string | null;
  due_time_zone: string | null;
  repeat_rule: string | null;
  repeat_mode: "schedule" | "each" | "completion" | null;
  repeat_except: string[];
  repeat_start: RepeatStartField;
  repeat_at: RepeatAtField;
  repeat_gone: RepeatGoneField;
  category: CategoryReference | null;
  category_id: string | null;
  /** In alphabetical order. */
  tags: string[];
  tag_ids: TagIdsField;
  parent: string | null;
  assignee: string | null;
  position: PositionField;
  /** The revision of its last change. */
  revision: number;
  created_at: string;
  updated_at: string;
  completed_at: string | null;
  deleted_at: DeletedAtField;
}

/** A to-do. */
export interface Todo {
  /** The task's number. */
  id: number;
  title: string;
  description: string | null;
  completed: boolean;
  priority: number;
  due_date: string | null;
  /** The category name. */
  category: string | null;
  tags: string[];
  created_at: string;
  updated_at: string;
}

/** A new to-do, or the new values of all its fields. */
export interface TodoCreate {
  title: string;
  /** Null is equivalent to an empty text. */
  description?: string | null;
  /** Default: `false`. */
  completed?: boolean;
  /** 1 is the highest. */
  priority?: number;
  due_date?: DueDateField2;
  /** The category by name. */
  category?: string | null;
  tags?: string[];
}

/** An error of `/todos`. */
export interface TodoError {
  error: TodoErrorInfo;
}

/** The details of an error of `/todos`. */
export interface TodoErrorInfo {
  /** The error code; see `/docs/errors`. */
  code: string;
  message: string;
  timestamp: string;
}

/** Changes to a to-do. */
export interface TodoPatch {
  title?: string;
  /** Null is equivalent to an empty text. */
  description?: string | null;
  completed?: boolean;
  /** 1 is the highest. */
  priority?: number;
  due_date?: DueDateField2;
  /** The category by name. */
  category?: string | null;
  tags?: string[];
}

/** One action on many to-dos. */
export interface TodoProcess {
  ids: number[];
  action: "complete" | "reopen" | "delete";
}

/** The result of an action on many to-dos. */
export interface TodoProcessed {
  processed: number[];
  /** The numbers of to-dos that were not processed, for example because they do not exist. */
  missing: number[];
}

/** Counts of the to-dos. */
export interface TodoStatistics {
  total: number;
  completed: number;
  /** The number of to-dos that are not completed. */
  pending: number;
  overdue: number;
  /** The number of to-dos by priority, `1` to `5`. */
  by_priority: Record<string, number>;
  /** The number of to-dos by category name, for the 200 largest categories. */
  by_category: Record<string, number>;
}

/** An access token and the refresh token for its renewal (RFC 6749, section 5.1). */
export interface TokenPair {
  access_token: string;
  refresh_token: string;
  token_type: "bearer";
  /** The lifetime of the access token in seconds. */
  expires_in: number;
}

/** A tombstone: a row to delete from your copy. */
export interface Tombstone {
  kind: "workspace" | "member" | "category" | "tag" | "task" | "occurrence" | "filter";
  /** The id of the row; for a member, the user id. */
  id: string;
  /** `purged`: a permanently deleted row, or a saved filter of another member that is no longer shared. */
  action: "purged" | "unmatched";
}

/** Move the tasks and their sub-tasks to the trash. */
export interface TrashAll {
  filter?: FilterField;
  ids?: IdsField;
  allow_unknown?: AllowUnknownField;
  dry_run?: DryRunField;
  action: "trash";
  subtasks?: SubtasksField2;
}

/** The result of emptying the trash. */
export interface TrashEmptied {
  /** The number of permanently deleted tasks. */
  purged: number;
}

/** Move a task and all its sub-tasks to the trash. */
export interface TrashOperation {
  op: "trash";
  id: IdField2;
  if_revision?: IfRevisionField;
  subtasks?: SubtasksField2;
}

/** A conflict that prevents an undo. */
export interface UndoConflict {
  kind: "category" | "tag" | "task" | "occurrence" | "filter";
  id: string;
  /** The field name in the change log (`title`, `category_id`, …); `tasks` or `subtasks` for dependent tasks; null for the whole row. */
  field: string | null;
  /** For `changed` and `in_use`, the value required for the undo. */
  expected: unknown;
  /** The current value; for other codes, the id of the conflicting row. */
  present: unknown;
  /** `changed`: the value was changed after the change to undo. */
  code: "changed" | "purged" | "in_use" | "name_taken" | "category_gone" | "category_trashed" | "tag_gone" | "tag_trashed" | "too_many_tags" | "parent_gone" | "parent_trashed" | "cycle" | "depth" | "not_a_member" | "zone_without_date" | "not_owner";
  message: string;
  /** True if the change is undone despite the conflict with `force=true`. */
  forcible: boolean;
}

/** The result of an undo. */
export interface Undone {
  /** The id of the batch that the undo wrote. */
  batch: string | null;
  /** The number of changed rows. */
  changes: number;
  /** The revision of the last change. */
  revision: number | null;
  /** With `force`, the first hundred changes that could not be undone. */
  skipped: UndoConflict[];
}

/** An occurrence in the future. */
export interface UpcomingOccurrence {
  occurrence: string;
  due_date: string;
  due_time_zone: string | null;
}

/** Occurrences in the future, in order. */
export interface UpcomingOccurrences {
  items: UpcomingOccurrence[];
}

/** Change the given fields of a task. */
export interface UpdateOperation {
  op: "update";
  id: IdField2;
  task: TaskPatch;
  if_revision?: IfRevisionField;
  subtasks?: SubtasksField;
}

/** An account. */
export interface User {
  id: string;
  email: string;
  name: string;
  time_zone: string;
  is_admin: boolean;
  created_at: string;
  updated_at: string;
  /** When the account was disabled; null if it is enabled. */
  disabled_at: string | null;
}

/** New owners for workspaces that would have no owner. */
export interface UserDeletion {
  hand_over?: HandOverField;
}

/** Changes to an account. */
export interface UserPatch {
  /** True disables the account and ends its sessions. */
  disabled?: boolean;
  is_admin?: boolean;
}

/** Names in `filter` that do not exist, if any. */
export type WarningsField = FilterWarning[];

/** A workspace with your role in it. */
export interface Workspace {
  id: string;
  name: string;
  /** True for the personal workspace, which is created with your account. */
  personal: boolean;
  /** Your role in the workspace. */
  role: "owner" | "editor" | "viewer";
  /** The revision of the last change in the workspace. */
  revision: number;
  created_at: string;
  updated_at: string;
  deleted_at: DeletedAtField;
}

/** A new workspace. */
export interface WorkspaceCreate {
  name: string;
}

/** Changes to a workspace. */
export interface WorkspacePatch {
  name?: string;
}
