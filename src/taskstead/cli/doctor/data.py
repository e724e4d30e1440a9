"""Checks of the data: change log, search index, jobs, trash and administrators."""

from datetime import timedelta

from taskstead.cli.console import count
from taskstead.cli.doctor.findings import Finding
from taskstead.clock import get_now
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.ids import BEFORE_ALL_IDS
from taskstead.queries.accounts.users import has_other_administrator, has_users
from taskstead.queries.entities import find_workspace_with_expired_rows
from taskstead.queries.system.checks import count_overdue_jobs, count_search_gaps, list_log_gaps
from taskstead.queries.system.jobs import count_open_jobs
from taskstead.services.search.reindex import rebuild_search_index

_MAX_GAPS = 3
# A running worker starts a due job within seconds. A job this late shows that no worker is running.
_OVERDUE_AFTER = timedelta(minutes=5)
# Housekeeping deletes old items every hour. If it is a day late, no worker is running.
_TRASH_GRACE = timedelta(days=1)


async def check_log(database: Database, settings: Settings) -> list[Finding]:
    """Check that the change log of every workspace is complete."""
    del settings
    gaps = await list_log_gaps(database, limit=_MAX_GAPS)
    fix = "Restore the newest backup that does not have this problem, and report a bug."
    return [
        Finding(
            "log",
            "problem",
            f"The change log of workspace {gap['id']} has {gap['found']} changes instead of "
            f"{gap['expected']}.",
            fix,
        )
        for gap in gaps
    ] or [Finding("log", "ok", "The change logs are complete.")]


async def check_search(database: Database, settings: Settings) -> list[Finding]:
    """Check that the search index contains exactly the existing tasks."""
    del settings
    missing, orphans = await count_search_gaps(database, database.dialect)
    if not missing and not orphans:
        return [Finding("search index", "ok", "The index contains all tasks.")]
    message = (
        f"The index lacks {count(missing, 'task')} and contains {count(orphans, 'task')} that do "
        "not exist."
    )
    fix = (
        "Run `taskstead doctor --repair` to rebuild the index. You can do this while the server is "
        "running."
    )
    return [Finding("search index", "problem", message, fix)]


async def repair_search(database: Database) -> Finding:
    """Rebuild the search index."""
    total = await rebuild_search_index(database, clock=get_now)
    return Finding("search index", "ok", f"The index was rebuilt with {count(total, 'task')}.")


async def check_jobs(database: Database, settings: Settings) -> list[Finding]:
    """Check that due jobs run and that none has failed."""
    found = []
    overdue = await count_overdue_jobs(database, before=get_now() - _OVERDUE_AFTER)
    if overdue:
        message = f"Jobs overdue by more than five minutes: {overdue:,}."
        fix = (
            "Start the server."
            if settings.run_worker
            else "Start `taskstead worker`, because TASKSTEAD_RUN_WORKER is false."
        )
        found.append(Finding("jobs", "problem", message, fix))
    failed = [row for row in await count_open_jobs(database) if row["state"] == "failed"]
    if failed:
        kinds = ", ".join(f"{row['count']} {row['kind']}" for row in failed)
        fix = "GET /api/v1/admin/jobs?state=failed shows the reasons; POST …/retry retries a job."
        found.append(Finding("jobs", "warning", f"Failed jobs: {kinds}.", fix))
    return found or [Finding("jobs", "ok", "No job has failed or is overdue.")]


async def check_administrators(database: Database, settings: Settings) -> list[Finding]:
    """Check that there is an active administrator if there are accounts."""
    del settings
    if await has_other_administrator(database, BEFORE_ALL_IDS) or not await has_users(database):
        return [
            Finding(
                "administrators",
                "ok",
                "There is an active administrator, or there are no accounts yet.",
            )
        ]
    fix = "Run `taskstead user enable`, or `taskstead user create --admin`."
    message = "There are accounts, but no active administrator."
    return [Finding("administrators", "warning", message, fix)]


async def check_trash(database: Database, settings: Settings) -> list[Finding]:
    """Check that items whose time in the trash has expired are deleted."""
    if not settings.trash_days:
        return [Finding("trash", "ok", "Items stay in the trash until a user deletes them.")]
    until = get_now() - timedelta(days=settings.trash_days) - _TRASH_GRACE
    if await find_workspace_with_expired_rows(database, until=until) is None:
        message = (
            f"No item has been in the trash for more than {count(settings.trash_days, 'day')}."
        )
        return [Finding("trash", "ok", message)]
    message = f"Items have been in the trash for more than {count(settings.trash_days, 'day')}."
    fix = "Keep a server or `taskstead worker` running. It deletes old items every hour."
    return [Finding("trash", "warning", message, fix)]
