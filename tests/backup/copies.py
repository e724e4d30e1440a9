"""Backing up and restoring by the commands, and comparing what is in two databases."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from taskstead.db.opening import open_database
from taskstead.db.statements import Row
from taskstead.queries.backup import list_backup_tables
from taskstead.schemas.backup import BackupHeader, BackupWriter, read_header, read_rows
from tests.cli.commands import run_command
from tests.conftest import WAIT_SECONDS

Tables = dict[str, list[Row]]


async def back_up(url: str, file: Path) -> None:
    """Back up while the event loop goes on."""
    result = await asyncio.to_thread(run_command, "backup", str(file), "--database-url", url)
    assert result.exit_code == 0, result.output


async def restore(url: str, file: Path, *options: str) -> None:
    """Restore likewise."""
    arguments = ("restore", str(file), "--database-url", url, *options)
    result = await asyncio.to_thread(run_command, *arguments)
    assert result.exit_code == 0, result.output


async def fail_to_restore(url: str, file: Path, *options: str, stdin: bytes = b"") -> str:
    """Restore what cannot be restored; return the one sentence that says so."""
    arguments = ("restore", str(file), "--database-url", url, *options)
    result = await asyncio.to_thread(run_command, *arguments, stdin=stdin)
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    (line,) = result.stderr.splitlines()
    return line


async def read_all(url: str) -> Tables:
    """Return all rows of all tables that belong into a backup, in the order of their keys."""
    database = await open_database(url, pool_size=1, wait_seconds=WAIT_SECONDS)
    try:
        found = {}
        for table in list_backup_tables():
            rows = await database.fetch_all(select(table), {})
            keys = [column.name for column in table.primary_key]
            found[table.name] = sorted(rows, key=lambda row: [row[key] for key in keys])
        return found
    finally:
        await database.close()


def give_up_claims(tables: Tables) -> Tables:
    """Return the rows with what a restore changes: nobody is doing a job any more."""
    free: dict[str, Any] = {"state": "queued", "claimed_by": None, "claimed_until": None}
    jobs = [row | free if row["state"] == "running" else row for row in tables["jobs"]]
    return {**tables, "jobs": jobs}


def rewrite(
    file: Path,
    change_header: Callable[[BackupHeader], BackupHeader] = lambda header: header,
    change_rows: Callable[[str, list[Row]], list[Row]] = lambda _, rows: rows,
) -> None:
    """Change what is in a backup, so that it is whole again."""
    with file.open("rb") as old:
        header = read_header(old)
        found = list(read_rows(old, header))
    with file.open("wb") as new:
        writer = BackupWriter(new, change_header(header))
        for name, rows in found:
            if changed := change_rows(name, rows):
                writer.write(name, changed)
        writer.finish()
