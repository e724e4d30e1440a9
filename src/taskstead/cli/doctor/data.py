"""What is in the database: the log's law, the search index, jobs, the trash, administrators."""

from datetime import timedelta

from taskstead.cli.console import count
from taskstead.cli.doctor.findings import Finding
from taskstead.clock import get_now
from taskstead.db.database import Database
from taskstead.queries.checks import count_overdue_jobs, count_search_gaps, list_log_gaps
from taskstead.queries.jobs import count_open_jobs
from taskstead.queries.trash import find_workspace_with_trash
from taskstead.queries.users import has_other_administrator, has_users
from taskstead.queries.workspaces import BEFORE_ALL_IDS
from taskstead.services.search_repair import rebuild_search_index
from taskstead.settings import Settings

_MOST_SHOWN = 3
# A worker looks once a second or so; whoever is late by this much has none.
_PATIENCE = timedelta(minutes=5)
# Housekeeping runs each hour; after a day it does not run.
_TRASH_PATIENCE = timedelta(days=1)


async def check_log(database: Database, settings: Settings) -> list[Finding]:
    """The log of each workspace has all revisions since its oldest one."""
    del settings
    gaps = await list_log_gaps(database, limit=_MOST_SHOWN)
    mending = "Restore the last backup without this fault, and report it: this must not happen."
    return [
        Finding(
            "log",
            "problem",
            f"The log of workspace {gap['id']} has {gap['found']} changes and not "
            f"{gap['expected']}.",
            mending,
        )
        for gap in gaps
    ] or [Finding("log", "ok", "No change is missing in any log.")]


async def check_search(database: Database, settings: Settings) -> list[Finding]:
    """The search knows all tasks and nothing else."""
    del settings
    missing, orphans = await count_search_gaps(database, database.dialect)
    if not missing and not orphans:
        return [Finding("search index", "ok", "The search knows every task.")]
    message = (
        f"The search does not know {count(missing, 'task')}, and knows {count(orphans, 'task')} "
        "that are not there."
    )
    mending = "`taskstead doctor --repair` builds the index anew, while the server runs."
    return [Finding("search index", "problem", message, mending)]


async def repair_search(database: Database) -> Finding:
    """Build the search index anew."""
    total = await rebuild_search_index(database)
    return Finding("search index", "ok", f"It was built anew, with {count(total, 'task')}.")


async def check_jobs(database: Database, settings: Settings) -> list[Finding]:
    """Jobs are done, and none has failed."""
    found = []
    overdue = await count_overdue_jobs(database, before=get_now() - _PATIENCE)
    if overdue:
        message = f"{count(overdue, 'job')} should have been done five minutes ago or earlier."
        mending = (
            "Start the server."
            if settings.run_worker
            else "Start `taskstead worker`, since TASKSTEAD_RUN_WORKER is false."
        )
        found.append(Finding("jobs", "problem", message, mending))
    failed = [row for row in await count_open_jobs(database) if row["state"] == "failed"]
    if failed:
        kinds = ", ".join(f"{row['count']} {row['kind']}" for row in failed)
        mending = "GET /api/v1/admin/jobs?state=failed says why; POST …/retry tries again."
        found.append(Finding("jobs", "warning", f"Jobs have failed: {kinds}.", mending))
    return found or [Finding("jobs", "ok", "No job has failed or waits in vain.")]


async def check_administrators(database: Database, settings: Settings) -> list[Finding]:
    """Somebody administers the server, where anybody has an account."""
    del settings
    if await has_other_administrator(database, BEFORE_ALL_IDS) or not await has_users(database):
        return [Finding("administrators", "ok", "There is one, or nobody has an account yet.")]
    mending = "Run `taskstead user enable`, or `taskstead user create --admin`."
    message = "There are accounts, and no administrator who is not disabled."
    return [Finding("administrators", "warning", message, mending)]


async def check_trash(database: Database, settings: Settings) -> list[Finding]:
    """What has lain in the trash too long is deleted."""
    if not settings.trash_days:
        return [Finding("trash", "ok", "It is kept until somebody empties it.")]
    until = get_now() - timedelta(days=settings.trash_days) - _TRASH_PATIENCE
    if await find_workspace_with_trash(database, until=until) is None:
        message = f"Nothing lies there for longer than {count(settings.trash_days, 'day')}."
        return [Finding("trash", "ok", message)]
    message = f"Something lies there for longer than {count(settings.trash_days, 'day')}."
    mending = "Keep a server or `taskstead worker` running: one of them empties it each hour."
    return [Finding("trash", "warning", message, mending)]
