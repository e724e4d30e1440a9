"""The commands ``taskstead backup`` and ``taskstead restore``.

``taskstead backup`` copies the whole database to one file, and ``taskstead restore`` copies the
file to a database. ``formats/backup.py`` defines the file format, and
``services/transfer/backup.py`` restores the rows.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import typer

from taskstead import __version__
from taskstead.cache.factory import clear_response_cache
from taskstead.cli.console import CommandFailedError, clean, count
from taskstead.cli.database import (
    describe_database,
    find_sqlite_file,
    prepare_folder,
    run,
    translated_errors,
)
from taskstead.cli.files import STANDARD_STREAM, open_target
from taskstead.cli.progress import show_rows
from taskstead.clock import get_now, render_instant
from taskstead.config.loader import load_settings
from taskstead.config.settings import Settings
from taskstead.db.bulk_load import NotEmptyError
from taskstead.db.migrate import check_migrated, find_revision_at, get_head
from taskstead.db.schema_revision import find_revision
from taskstead.db.snapshots import open_snapshot
from taskstead.db.sqlite.file import is_lost
from taskstead.formats.backup import (
    FORMAT,
    BackupError,
    BackupHeader,
    BackupWriter,
    check_backup,
    read_header,
)
from taskstead.queries.transfer.backup import describe_tables, stream_tables
from taskstead.services.transfer.backup import restore_backup

_BLOCK_BYTES = 1 << 20


def back_up(path: str, *, is_replacing: bool, database_url: str | None) -> None:
    """Write a backup and print a summary.

    Raises:
        CommandFailedError: there is no database, or the backup file already exists or cannot be
            written.
    """
    settings = load_settings(database_url=database_url)
    file = find_sqlite_file(settings)
    if file is not None and not file.exists():
        raise CommandFailedError(f"There is no database at {file}.")
    if path != STANDARD_STREAM and Path(path).is_file() and not is_replacing:
        raise CommandFailedError(
            f"{path} already exists. Choose another file, or add --force to replace it."
        )
    if path == STANDARD_STREAM and sys.stdout.isatty():
        raise CommandFailedError(
            "A backup cannot be written to a terminal. Specify a file or a pipe."
        )
    try:
        with translated_errors(settings), open_target(path) as target:
            header = run(_write_backup(settings, target))
    except OSError as error:
        raise CommandFailedError(f"{path} cannot be written: {error.strerror}.") from None
    number = count(header.rows, "row")
    typer.echo(f"The backup contains {number} at schema revision {header.revision}.", err=True)


async def _write_backup(settings: Settings, target: BinaryIO) -> BackupHeader:
    url = settings.effective_database_url
    await check_migrated(url)
    async with open_snapshot(url) as snapshot:
        revision = await find_revision(snapshot, snapshot.dialect)
        tables = await describe_tables(snapshot)
        header = BackupHeader(FORMAT, __version__, revision or "", get_now(), tables)
        writer = BackupWriter(target, header)
        done = 0
        with show_rows(header.rows) as advance:
            async for table, rows in stream_tables(snapshot):
                writer.write(table, rows)
                done += len(rows)
                advance(done)
        writer.finish()
    return header


def restore(path: str, *, is_replacing: bool, is_sure: bool, database_url: str | None) -> None:
    """Restore a backup and print a summary."""
    settings = load_settings(database_url=database_url)
    try:
        with _open_source(path) as file:
            header = _check_file(file)
            prepare_folder(settings)
            if is_replacing and not is_sure:
                _confirm_replacing(settings, path)
            with translated_errors(settings), show_rows(header.rows) as advance:
                run(_restore(settings, file, header, advance, is_replacing=is_replacing))
    except BackupError as error:
        raise CommandFailedError(f"{path}: {clean(str(error))}") from None
    except OSError as error:
        raise CommandFailedError(f"{path} cannot be read: {error.strerror}.") from None
    created = render_instant(header.created_at)
    number = count(header.rows, "row")
    typer.echo(f"Restored {number} from the backup of {created} to {describe_database(settings)}.")
    if not run(clear_response_cache(settings)):
        raise CommandFailedError(
            "The response cache in Redis could not be cleared, because Redis does not respond. "
            "Clear it before you start a server. Otherwise the server may return responses from "
            "before the restore."
        )


@contextmanager
def _open_source(path: str) -> Iterator[BinaryIO]:
    """Open the backup for reading. A pipe is first copied to a temporary file.

    The backup is read twice, to check it and to restore it. A pipe can be read only once.
    """
    if path != STANDARD_STREAM:
        with Path(path).open("rb") as file:
            if file.seekable():
                yield file
                return
            with _spool(file) as spooled:
                yield spooled
        return
    with _spool(sys.stdin.buffer) as spooled:
        yield spooled


@contextmanager
def _spool(pipe: BinaryIO) -> Iterator[BinaryIO]:
    """Copy a pipe to a temporary file, for the duration of the block.

    Raises:
        CommandFailedError: the temporary file cannot be written, for example because the disk is
            full.
    """
    # Unbuffered. Otherwise close() would try to write the buffer and raise the error again.
    with tempfile.TemporaryFile(buffering=0) as file:
        for block in iter(lambda: pipe.read(_BLOCK_BYTES), b""):
            try:
                rest = memoryview(block)
                while rest:
                    rest = rest[file.write(rest) :]
            except OSError as error:
                raise CommandFailedError(
                    f"The backup cannot be copied to {tempfile.gettempdir()}: {error.strerror}. "
                    "Free space there, set TMPDIR to another folder, or restore from a file."
                ) from None
        yield file


def _check_file(file: BinaryIO) -> BackupHeader:
    """Check that a backup is complete and that this version can restore it; return its header.

    Raises:
        BackupError: the backup is damaged or is from a newer version.
    """
    header = read_header(file)
    if header.revision > get_head():
        raise BackupError(
            f"The backup is from a newer version of Taskstead, {header.version}. Its schema "
            f"revision is {header.revision}; this version supports revisions up to {get_head()}. "
            "Install the newer version."
        )
    check_backup(file)
    return header


def _confirm_replacing(settings: Settings, path: str) -> None:
    """Ask the user to confirm that all data in the database will be deleted.

    Raises:
        CommandFailedError: there is no terminal.
        typer.Abort: the user did not confirm.
    """
    if path == STANDARD_STREAM or not sys.stdin.isatty():
        raise CommandFailedError("There is no terminal to confirm --replace. Add --yes.")
    question = f"Delete all data in {describe_database(settings)} and restore {path}?"
    typer.confirm(question, abort=True, err=True)


async def _restore(
    settings: Settings,
    file: BinaryIO,
    header: BackupHeader,
    advance: Callable[[int], None],
    *,
    is_replacing: bool,
) -> None:
    url = settings.effective_database_url
    # A database of a newer version is not replaced. It may have tables that this version does not
    # know and would not delete.
    file_path = find_sqlite_file(settings)
    is_missing = file_path is not None and is_lost(str(file_path))
    current = None if is_missing else await find_revision_at(url)
    if current is not None and current > get_head():
        raise CommandFailedError(
            f"The database {describe_database(settings)} is from a newer version of Taskstead. "
            "Install the newer version."
        )
    try:
        await restore_backup(url, file, header, is_replacing=is_replacing, advance=advance)
    except NotEmptyError:
        raise CommandFailedError(
            f"{describe_database(settings)} already has accounts. Restore to an empty database, or "
            "add --replace to delete its data."
        ) from None
