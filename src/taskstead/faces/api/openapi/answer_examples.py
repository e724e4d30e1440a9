"""Response examples for the OpenAPI document, by schema name.

Examples of request bodies are in ``body_examples.py`` and in the fields of the schemas.
"""

from typing import Any

_ACCOUNT_ID = "01a1fd46-7d69-7000-b11f-da451a64f1ef"
_WORKSPACE_ID = "01a1fd46-7d69-7001-be93-3e511d84f8e2"
_TASK_ID = "01a1fd46-7d77-7001-b79e-47d547216358"
_JOB_ID = "01a1fd46-7d9e-7000-8737-09944d9c5f6a"
_REQUEST_ID = "01a1fd46-7fde-7000-bb97-505a66e64b97"
_CREATED_AT = "2026-11-21T08:43:37.719361Z"
_UPDATED_AT = "2026-11-21T08:45:02.331075Z"
_EMAIL = "ada@example.com"
_TIMESTAMPS = {"created_at": _CREATED_AT, "updated_at": _CREATED_AT}

_CATEGORY = {
    "id": "01a1fd46-7d75-7001-82f9-3bdbc23689e8",
    "name": "Household",
    "color": "#3a7d44",
    "position": 1,
    "archived": False,
    "revision": 3,
    **_TIMESTAMPS,
}
_CATEGORY_REFERENCE = {name: _CATEGORY[name] for name in ("id", "name")}
_TAG = {
    "id": "01a1fd46-7d77-7002-988a-c98861c8d470",
    "name": "errand",
    "color": None,
    "revision": 4,
    **_TIMESTAMPS,
}
_TASK: dict[str, Any] = {
    "id": _TASK_ID,
    "number": 1,
    "title": "Buy oat milk",
    "status": "todo",
    "completed": False,
    "priority": 3,
    "due_date": "2026-12-01",
    "due_time_zone": None,
    "repeat_rule": "FREQ=WEEKLY;BYDAY=TU",
    "repeat_mode": "schedule",
    "repeat_except": ["2026-12-29"],
    "repeat_start": "2026-11-24",
    "repeat_at": "2026-12-01",
    "repeat_gone": 1,
    "category": _CATEGORY_REFERENCE,
    "category_id": _CATEGORY_REFERENCE["id"],
    "tags": ["errand"],
    "tag_ids": [_TAG["id"]],
    "parent": None,
    "assignee": None,
    "position": "a1",
    "revision": 5,
    **_TIMESTAMPS,
    "completed_at": None,
    "deleted_at": None,
}
_FULL_TASK = {
    **_TASK,
    "description": "The *barista* kind.",
    "subtask_count": 2,
    "open_subtask_count": 1,
}
_UPCOMING = {"occurrence": "2026-12-08", "due_date": "2026-12-08", "due_time_zone": None}
_TASK_COUNTS = {"task_count": 12, "open_task_count": 5}
_NOT_FOUND_DETAIL = "There is no task 99 in this workspace."
_PROBLEM = {
    "type": "/docs/errors#not_found",
    "title": "Not found",
    "status": 404,
    "detail": _NOT_FOUND_DETAIL,
    "code": "not_found",
    "request_id": _REQUEST_ID,
    "timestamp": _UPDATED_AT,
    "errors": [{"pointer": "/operations/1/id", "message": _NOT_FOUND_DETAIL, "code": "not_found"}],
}
_CHANGE = {
    "revision": 7,
    "batch": "01a1fd46-7d83-7000-97f2-bbbe2ddd8cf8",
    "at": _UPDATED_AT,
    "kind": "task",
    "id": _TASK_ID,
    "name": "Buy oat milk",
    "number": 1,
    "action": "updated",
    "user": {"id": _ACCOUNT_ID, "name": "Ada"},
    "credential": {
        "id": "01a1fd46-7d69-7003-a674-b5f1edfc200d",
        "kind": "session",
        "name": None,
    },
    "fields": [{"field": "priority", "old": 3, "new": 2, "old_name": None, "new_name": None}],
}
_JOB = {
    "id": _JOB_ID,
    "kind": "bulk_process",
    "state": "running",
    "done": 500,
    "total": 2217,
    "failed": 0,
    "errors": [],
    "result": {"changed": 500},
    "batches": ["01a1fd46-7d92-7000-8f1e-27e2a0b1c9d4"],
    "revision": 731,
    "error": None,
    "created_at": _CREATED_AT,
    "finished_at": None,
}
_API_TOKEN = {
    "id": "01a1fd46-7d70-7001-bb8b-dc4607fb3ce3",
    "name": "my scripts",
    "scopes": ["tasks:read", "tasks:write"],
    "workspace_id": None,
    "created_at": _CREATED_AT,
    "expires_at": None,
    "last_used_at": _UPDATED_AT,
}
_INVITATION = {
    "id": "01a1fd46-7d99-7000-a5b0-58e3eeb82769",
    "email": "grace@example.com",
    "created_at": _CREATED_AT,
    "expires_at": "2026-11-28T08:43:37.719361Z",
    "used_at": None,
}
_PERSON = {"email": _EMAIL, "name": "Ada"}
_USER = {
    "id": _ACCOUNT_ID,
    **_PERSON,
    "time_zone": "Europe/London",
    "is_admin": False,
    **_TIMESTAMPS,
}
_ITEM = {"id": 1, "title": "Buy oat milk", "description": None, "completed": False}

RESPONSE_EXAMPLES: dict[str, dict[str, Any]] = {
    "TaskCounts": {"total": 214, "open": 37, "closed": 177},
    "ServerInfo": {
        "name": "Taskstead",
        "version": "0.1.0",
        "registration": "open",
        "has_accounts": True,
        "needs_setup_token": False,
        "password": {
            "min_length": 10,
            "max_length": 256,
            "rules": ["not_common", "four_different_characters", "not_email"],
        },
        "features": ["cookie_session", "events", "sync"],
    },
    "Session": {
        "id": "01a1fd46-7d6a-7000-a3c9-5b1b7f0a9d11",
        "current": True,
        "kind": "cookie",
        "method": "password",
        "client": "Firefox 128 on Linux",
        "address": "192.0.2.17",
        "created_at": _CREATED_AT,
        "last_used_at": _UPDATED_AT,
        "expires_at": "2026-12-21T08:45:02.331075Z",
    },
    "Task": _FULL_TASK,
    "TaskRendered": {
        **_FULL_TASK,
        "description_html": "<p>The <em>barista</em> kind.</p>\n",
    },
    "TaskListed": {**_TASK, "subtask_count": 2, "open_subtask_count": 1},
    "TaskSelected": {name: _TASK[name] for name in ("id", "title", "completed")},
    "QuickAddPreview": {
        "fields": {"title": "Buy oat milk", "due_date": "2026-12-01", "category": "Household"},
        "spans": [
            {"kind": "due_date", "start": 13, "end": 18},
            {"kind": "category", "start": 19, "end": 29},
        ],
        "warnings": [],
        "errors": [],
    },
    "QuickAddedTask": {
        **_FULL_TASK,
        "spans": [{"kind": "due_date", "start": 13, "end": 18}],
        "warnings": [],
    },
    "BulkAnswer": {
        "results": [
            {"status": 200, "id": _TASK_ID, "task": _TASK, "revision": 7, "problem": None},
            {"status": 404, "id": None, "task": None, "revision": None, "problem": _PROBLEM},
        ],
        "succeeded": 1,
        "failed": 1,
        "dry_run": False,
        "batch": "01a1fd46-7d83-7000-97f2-bbbe2ddd8cf8",
        "revision": 7,
    },
    "BulkPreview": {
        "dry_run": True,
        "matched": 37,
        "sample": [{name: _TASK[name] for name in ("id", "number", "title")}],
    },
    "Statistics": {
        "total": 12,
        "open": 5,
        "overdue": 1,
        "due_today": 0,
        "due_this_week": 2,
        "by_status": [{"status": "todo", "total": 5}, {"status": "done", "total": 7}],
        "by_priority": [{"priority": 3, "total": 12, "open": 5}],
        "by_category": [{"category": _CATEGORY_REFERENCE, "total": 12, "open": 5}],
        "by_tag": [
            {"tag": {name: _TAG[name] for name in ("id", "name")}, "total": 4, "open": 2},
        ],
        "days": [{"date": "2026-11-21", "created": 2, "completed": 1}],
        "median_seconds_to_done": 86400.5,
        "time_zone": "Europe/London",
    },
    "FilterCheck": {
        "spans": [
            {"kind": "due", "start": 0, "end": 5},
            {"kind": "category", "start": 6, "end": 13},
        ],
        "errors": [],
        "warnings": [
            {
                "code": "unknown_category",
                "message": 'There is no category "Garden" in this workspace.',
                "start": 6,
                "end": 13,
            }
        ],
    },
    "Job": _JOB,
    "ServerJob": {
        **_JOB,
        "workspace_id": _WORKSPACE_ID,
        "user_id": _ACCOUNT_ID,
        "attempts": 0,
        "run_at": _CREATED_AT,
        "claimed_by": "host-1-4711",
        "claimed_until": _UPDATED_AT,
    },
    "EndedOccurrence": {
        "id": "01a1fd46-7e11-7000-8b1f-3c1d6a1f0b52",
        "occurrence": "2026-11-24",
        "due_date": "2026-11-25",
        "due_time_zone": None,
        "outcome": "done",
        "ended_at": _UPDATED_AT,
        "ended_by": _ACCOUNT_ID,
        "revision": 5,
    },
    "UpcomingOccurrence": _UPCOMING,
    "UpcomingOccurrences": {"items": [_UPCOMING]},
    "TrashEmptied": {"purged": 2},
    "Category": _CATEGORY,
    "CountedCategory": {**_CATEGORY, **_TASK_COUNTS},
    "Tag": _TAG,
    "CountedTag": {**_TAG, **_TASK_COUNTS},
    "SavedFilter": {
        "id": "01a1fc92-6b80-7000-8d47-3f5a90c1e2b7",
        "name": "Next",
        "filter": "is:open (overdue or today)",
        "sort": "priority,due_date",
        "group_by": "category",
        "color": None,
        "position": "a0",
        "shared": True,
        "owner": _ACCOUNT_ID,
        "revision": 6,
        "created_at": _CATEGORY["created_at"],
        "updated_at": _CATEGORY["updated_at"],
    },
    "Change": _CHANGE,
    "Changes": {
        "workspace": None,
        "counts": None,
        "members": [],
        "categories": [],
        "tags": [],
        "tasks": [],
        "occurrences": [],
        "filters": [],
        "removed": [],
        "revision": 7,
        "next": "WyIwMDI4YWE0MDg2YmMiLDdd",
        "has_more": False,
    },
    "Undone": {
        "batch": "01a1fd46-7fd5-7000-b0b9-6fed7d7d97c9",
        "changes": 1,
        "revision": 11,
        "skipped": [],
    },
    "Account": {
        **_USER,
        "language": "en",
        "date_order": "dmy",
        "personal_workspace_id": _WORKSPACE_ID,
    },
    "User": {**_USER, "disabled_at": None},
    "TokenPair": {
        "access_token": "tsa_…",
        "refresh_token": "tsr_…",
        "expires_in": 1800,
        "token_type": "bearer",
    },
    "ApiToken": _API_TOKEN,
    "ApiTokenWithSecret": {**_API_TOKEN, "last_used_at": None, "token": "tsk_…"},
    "Invitation": _INVITATION,
    "InvitationWithToken": {**_INVITATION, "token": "tsi_…"},
    "RegistrationRules": {"registration": "open", "invitation_days": 7},
    "Workspace": {
        "id": _WORKSPACE_ID,
        "name": "Personal",
        "personal": True,
        "role": "owner",
        "revision": 9,
        **_TIMESTAMPS,
        "deleted_at": None,
    },
    "Member": {"user_id": _ACCOUNT_ID, **_PERSON, "role": "owner", "revision": 2, **_TIMESTAMPS},
    "AuditEvent": {
        "id": "01a1fd46-7d9a-7000-bbf6-9a3a07799ccc",
        "at": _CREATED_AT,
        "kind": "invitation.created",
        "user_id": _ACCOUNT_ID,
        "user_email": _EMAIL,
        "credential_id": "01a1fd46-7d53-7000-a75b-10545fa3bde6",
        "subject_id": _INVITATION["id"],
        "subject_email": None,
        "address": "192.0.2.17",
        "request_id": _REQUEST_ID,
        "details": {"email": "grace@example.com"},
    },
    "Health": {
        "status": "ok",
        "reason": None,
        "version": "0.1.0",
        "timestamp": _CREATED_AT,
        "checked_at": _CREATED_AT,
        "database": "ok",
        "database_engine": "sqlite",
        "migrations": {"current": "0008", "needed": "0008"},
        "redis": None,
        "replica": None,
    },
    "Liveness": {"status": "ok"},
    "Pools": {
        "processes": [
            {
                "process": 0,
                "pid": 4711,
                "engine": "postgresql",
                "size": 10,
                "in_use": 1,
                "waiting": 0,
                "waits": 6,
                "wait_seconds": 0.013,
                "longest_wait_seconds": 0.007,
            }
        ]
    },
    "Item": _ITEM,
    "Todo": {
        **_ITEM,
        "priority": 3,
        "due_date": "2026-12-01",
        "category": "Household",
        "tags": ["errand"],
        **_TIMESTAMPS,
    },
    "TodoProcessed": {"processed": [17, 18], "missing": [99]},
    "ProcessingStarted": {"message": "Processing started"},
    "TodoStatistics": {
        "total": 3,
        "completed": 1,
        "pending": 2,
        "overdue": 0,
        "by_priority": {"1": 0, "2": 1, "3": 2, "4": 0, "5": 0},
        "by_category": {"Household": 2, "": 1},
    },
    "ItemError": {"error": "Not found", "details": "There is no task 9 in this workspace."},
    "TodoError": {
        "error": {
            "code": "not_found",
            "message": "There is no task 9 in this workspace.",
            "timestamp": "2026-11-21T02:18:45.309047Z",
        }
    },
    "Problem": {
        "type": "/docs/errors#validation_failed",
        "title": "The request has invalid values",
        "status": 422,
        "detail": "/priority: Input should be less than or equal to 5",
        "code": "validation_failed",
        "request_id": _REQUEST_ID,
        "timestamp": _CREATED_AT,
        "errors": [
            {
                "pointer": "/priority",
                "message": "Input should be less than or equal to 5",
                "code": "less_than_equal",
            }
        ],
    },
}
