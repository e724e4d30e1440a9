"""Test helpers: run the backup and restore commands, and compare the rows of two databases."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from taskstead.db.factory import open_database
from taskstead.formats.backup import BackupHeader, BackupWriter, read_header, read_rows
from taskstead.queries.transfer.backup import list_backup_tables
from tests.harness.commands import run_command
from tests.harness.settings import WAIT_SECONDS
from tests.harness.untyped import Row, untyped

Tables = dict[str, list[Row]]


async def back_up(url: str, file: Path) -> None:
    """Run the backup command in a thread, so that the event loop continues."""
    result = await asyncio.to_thread(run_command, "backup", str(file), "--database-url", url)
    assert result.exit_code == 0, result.output


async def restore(url: str, file: Path, *options: str) -> None:
    """Run the restore command in a thread."""
    arguments = ("restore", str(file), "--database-url", url, *options)
    result = await asyncio.to_thread(run_command, *arguments)
    assert result.exit_code == 0, result.output


async def fail_to_restore(url: str, file: Path, *options: str, stdin: bytes = b"") -> str:
    """Run a restore that must fail. Return its single error line."""
    arguments = ("restore", str(file), "--database-url", url, *options)
    result = await asyncio.to_thread(run_command, *arguments, stdin=stdin)
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    (line,) = result.stderr.splitlines()
    return line


async def read_all(url: str) -> Tables:
    """Return all rows of the tables that a backup contains, ordered by their keys."""
    database = await open_database(url, pool_size=1, wait_seconds=WAIT_SECONDS)
    try:
        found = {}
        for table in list_backup_tables():
            rows = await database.fetch_all(untyped(select(table)), {})
            keys = [column.name for column in table.primary_key]
            found[table.name] = sorted(rows, key=lambda row: [row[key] for key in keys])
        return found
    finally:
        await database.close()


def release_claims(tables: Tables) -> Tables:
    """Return the rows as a restore changes them: no job is claimed."""
    free: dict[str, Any] = {"state": "queued", "claimed_by": None, "claimed_until": None}
    jobs = [row | free if row["state"] == "running" else row for row in tables["jobs"]]
    return {**tables, "jobs": jobs}


def rewrite(
    file: Path,
    change_header: Callable[[BackupHeader], BackupHeader] = lambda header: header,
    change_rows: Callable[[str, list[Row]], list[Row]] = lambda _, rows: rows,
) -> None:
    """Change the content of a backup and update its checksum."""
    with file.open("rb") as old:
        header = read_header(old)
        found = list(read_rows(old, header))
    with file.open("wb") as new:
        writer = BackupWriter(new, change_header(header))
        for name, rows in found:
            if changed := change_rows(name, rows):
                writer.write(name, changed)
        writer.finish()
