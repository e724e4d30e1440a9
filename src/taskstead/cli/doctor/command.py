"""Implementation of ``taskstead doctor``: runs all checks in order and prints the report."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict

import typer

from taskstead.cli.database import describe_database, find_sqlite_file
from taskstead.cli.doctor.data import (
    check_administrators,
    check_jobs,
    check_log,
    check_search,
    check_trash,
    repair_search,
)
from taskstead.cli.doctor.database import (
    check_clock,
    check_integrity,
    check_migrations,
    check_pooling,
    check_replica,
    check_server,
)
from taskstead.cli.doctor.files import (
    check_file_system,
    check_permissions,
    check_space,
    check_writable,
)
from taskstead.cli.doctor.findings import Finding
from taskstead.cli.doctor.network import check_port, check_redis
from taskstead.cli.doctor.settings import check_settings
from taskstead.config.errors import SettingsError
from taskstead.config.loader import load_settings
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.db.factory import open_database
from taskstead.db.sqlite.file import get_marker_path, is_lost
from taskstead.errors import TasksteadError

Check = Callable[[Database, Settings], Awaitable[list[Finding]]]

_DATABASE_CHECKS: tuple[Check, ...] = (check_integrity, check_pooling, check_server, check_replica)
# These checks read the application's tables, so they run only if the schema is current.
_DATA_CHECKS: tuple[Check, ...] = (
    check_clock,
    check_log,
    check_jobs,
    check_trash,
    check_administrators,
)


def examine(*, database_url: str | None, as_json: bool, repairs: bool) -> None:
    """Run all checks and print the report; exit with 1 if there is a problem."""
    try:
        settings = load_settings(database_url=database_url)
    except SettingsError as error:
        fix = "Correct the setting; see docs/reference/settings.md."
        findings = [Finding("settings", "problem", str(error), fix)]
    else:
        findings = asyncio.run(_run_checks(settings, repairs=repairs))
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            typer.echo(_format_line(finding))
    if any(finding.level == "problem" for finding in findings):
        raise typer.Exit(1)


def _format_line(finding: Finding) -> str:
    line = f"{finding.level:<8} {finding.check}: {finding.message}"
    return f"{line} {finding.fix}" if finding.fix else line


async def _run_checks(settings: Settings, *, repairs: bool) -> list[Finding]:
    findings = [*check_settings(settings), *check_port(settings), *await check_redis(settings)]
    file = find_sqlite_file(settings)
    if file is not None:
        if is_lost(str(file)):
            marker = get_marker_path(str(file))
            message = f"The database {file} existed before and is now missing or empty."
            fix = (
                f"Put the file back, restore a backup, or delete {marker} to create a new database."
            )
            return [*findings, Finding("database", "problem", message, fix)]
        if not file.exists():
            message = f"There is no database at {file} yet."
            fix = "Run `taskstead serve` to create it, or set TASKSTEAD_DATA_DIR to its folder."
            return [*findings, Finding("database", "warning", message, fix)]
        findings += [
            *check_permissions(file),
            *check_writable(file),
            *check_space(file),
            *check_file_system(file, settings),
        ]
    return [*findings, *await _check_database(settings, repairs=repairs)]


async def _check_database(settings: Settings, *, repairs: bool) -> list[Finding]:
    name = describe_database(settings)
    try:
        database = await open_database(
            settings.effective_database_url,
            pool_size=1,
            wait_seconds=settings.database_wait_seconds,
        )
    except TasksteadError as error:
        return [_build_unreachable_finding(error, settings)]
    try:
        await database.check()
        findings = [Finding("database", "ok", f"{name} is reachable.")]
        for check in _DATABASE_CHECKS:
            findings += await _run_check(check, database, settings)
        migrations = await _run_check(check_migrations, database, settings)
        findings += migrations
        if migrations[0].level != "ok":
            return findings
        for check in _DATA_CHECKS:
            findings += await _run_check(check, database, settings)
        return findings + await _check_search_index(database, settings, repairs=repairs)
    except TasksteadError as error:
        return [_build_unreachable_finding(error, settings)]
    finally:
        await database.close()


async def _check_search_index(
    database: Database, settings: Settings, *, repairs: bool
) -> list[Finding]:
    if repairs:
        return [await repair_search(database), *await _run_check(check_search, database, settings)]
    return await _run_check(check_search, database, settings)


async def _run_check(check: Check, database: Database, settings: Settings) -> list[Finding]:
    """Run a check. If the check itself fails, return the error as a finding."""
    try:
        return await check(database, settings)
    except TasksteadError as error:
        name = check.__name__.removeprefix("check_")
        fix = "See the other lines of the report. The database may be damaged."
        return [Finding(name, "problem", f"The check failed: {error.detail}", fix)]


def _build_unreachable_finding(error: TasksteadError, settings: Settings) -> Finding:
    is_file = find_sqlite_file(settings) is not None
    reason = str(error.__cause__ or error.detail).partition("\n")[0].rstrip(".")
    return Finding(
        "database",
        "problem",
        f"{describe_database(settings)} cannot be used: {reason}.",
        "Check that it is a Taskstead database. If it is damaged, restore the newest backup."
        if is_file
        else "Start the database, or correct TASKSTEAD_DATABASE_URL.",
    )
