"""JSON representation of background jobs."""

from typing import Any

from taskstead.tables.jobs import JobRow


def render_job(row: JobRow) -> dict[str, Any]:
    """Return a row of ``queries.system.jobs`` as JSON data of ``Job``."""
    progress = row["progress"]
    return {
        "id": row["id"],
        "kind": row["kind"],
        "state": row["state"],
        "done": progress["done"],
        "total": progress["total"],
        "failed": progress["failed"],
        "errors": progress["faults"],
        "result": progress["result"],
        # Jobs that were created by earlier versions of Taskstead have no batches and no revision.
        "batches": progress.get("batches", []),
        "revision": progress.get("revision"),
        "error": row["error"],
        "created_at": row["created_at"],
        "finished_at": row["finished_at"],
    }


def render_server_job(row: JobRow) -> dict[str, Any]:
    """Return a row of ``queries.system.jobs`` as JSON data of ``ServerJob``."""
    return {
        **render_job(row),
        "workspace_id": row["workspace_id"],
        "user_id": row["user_id"],
        "attempts": row["attempts"],
        "run_at": row["run_at"],
        "claimed_by": row["claimed_by"],
        "claimed_until": row["claimed_until"],
    }
