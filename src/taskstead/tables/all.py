"""Imports every table module, so that the metadata is complete (for migrations and tests)."""

from taskstead.tables.audit import audit_log
from taskstead.tables.changes import changes
from taskstead.tables.idempotency import idempotency_keys
from taskstead.tables.jobs import job_parts, jobs
from taskstead.tables.labels.categories import categories
from taskstead.tables.labels.tags import tags, task_tags
from taskstead.tables.metadata import metadata
from taskstead.tables.occurrences import occurrences
from taskstead.tables.saved_filters import saved_filters
from taskstead.tables.tasks import tasks
from taskstead.tables.tokens import access_tokens, api_tokens, refresh_tokens, sessions
from taskstead.tables.users import credentials, invitations, preferences, users
from taskstead.tables.workspaces import members, workspaces

TABLE_NAMES = sorted(metadata.tables)

__all__ = [
    "TABLE_NAMES",
    "access_tokens",
    "api_tokens",
    "audit_log",
    "categories",
    "changes",
    "credentials",
    "idempotency_keys",
    "invitations",
    "job_parts",
    "jobs",
    "members",
    "occurrences",
    "preferences",
    "refresh_tokens",
    "saved_filters",
    "sessions",
    "tags",
    "task_tags",
    "tasks",
    "users",
    "workspaces",
]
