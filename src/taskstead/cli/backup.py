"""``taskstead backup`` and ``taskstead restore``: the whole database into one file and back.

What does not live here: the format of the file (schemas/backup.py) and what becomes of the rows
(services/backup.py).
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import typer

from taskstead import __version__
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
from taskstead.db.migrate import check_migrated, find_revision, find_revision_at, get_head
from taskstead.db.rebuilding import NotEmptyError
from taskstead.db.snapshots import open_snapshot
from taskstead.db.sqlite_file import is_lost
from taskstead.loading import load_settings
from taskstead.queries.backup import describe_tables, stream_tables
from taskstead.schemas.backup import (
    FORMAT,
    BackupError,
    BackupHeader,
    BackupWriter,
    check_backup,
    read_header,
)
from taskstead.services.backup import restore_backup
from taskstead.settings import Settings
from taskstead.store.opening import forget_answers

_BLOCK_BYTES = 1 << 20


def back_up(path: str, *, is_replacing: bool, database_url: str | None) -> None:
    """Write a backup and say what is in it.

    Raises:
        CommandFailedError: there is no database, or the file is there and is not to be replaced.
    """
    settings = load_settings(database_url=database_url)
    file = find_sqlite_file(settings)
    if file is not None and not file.exists():
        raise CommandFailedError(f"There is no database at {file}.")
    if path != STANDARD_STREAM and Path(path).is_file() and not is_replacing:
        raise CommandFailedError(
            f"{path} is there already: name another file, or add --force to replace it."
        )
    if path == STANDARD_STREAM and sys.stdout.isatty():
        raise CommandFailedError(
            "A backup is not for the eyes: name a file, or pipe it to somewhere."
        )
    try:
        with translated_errors(settings), open_target(path) as target:
            header = run(_write_backup(settings, target))
    except OSError as error:
        raise CommandFailedError(f"{path} cannot be written: {error.strerror}.") from None
    number = count(header.rows, "row")
    typer.echo(f"{number} at revision {header.revision} are in the backup.", err=True)


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
    """Restore a backup and say what was in it."""
    settings = load_settings(database_url=database_url)
    try:
        with _open_source(path) as file:
            header = _check(file)
            prepare_folder(settings)
            if is_replacing and not is_sure:
                _ask(settings, path)
            with translated_errors(settings), show_rows(header.rows) as advance:
                run(_restore(settings, file, header, advance, is_replacing=is_replacing))
    except BackupError as error:
        raise CommandFailedError(f"{path}: {clean(str(error))}") from None
    except OSError as error:
        raise CommandFailedError(f"{path} cannot be read: {error.strerror}.") from None
    made = render_instant(header.created_at)
    number = count(header.rows, "row")
    typer.echo(f"{number} are restored, as they were at {made}, in {describe_database(settings)}.")
    if not run(forget_answers(settings)):
        raise CommandFailedError(
            "Redis does not answer: empty it before a server uses it again. Answers that it keeps "
            "of later states would pass for what comes next."
        )


@contextmanager
def _open_source(path: str) -> Iterator[BinaryIO]:
    """Open what to read from; what comes through a pipe is put into a file to be read twice."""
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
    """Copy a pipe to a temporary file, which can be read twice.

    Raises:
        CommandFailedError: the disk of temporary files has no room, or cannot be written.
    """
    # Unbuffered: closing a file whose buffer finds no room raises again.
    with tempfile.TemporaryFile(buffering=0) as file:
        for block in iter(lambda: pipe.read(_BLOCK_BYTES), b""):
            try:
                rest = memoryview(block)
                while rest:
                    rest = rest[file.write(rest) :]
            except OSError as error:
                raise CommandFailedError(
                    f"The backup cannot be copied to {tempfile.gettempdir()}: {error.strerror}. "
                    "Make room there, set TMPDIR to another folder, or restore from a file."
                ) from None
        yield file


def _check(file: BinaryIO) -> BackupHeader:
    """Return the header of a backup that is whole and that this version can restore.

    Raises:
        BackupError: it is not.
    """
    header = read_header(file)
    if header.revision > get_head():
        raise BackupError(
            f"This backup was made by a newer version of Taskstead, {header.version}: its database "
            f"was at revision {header.revision}, this version knows them up to {get_head()}. "
            "Install that one."
        )
    check_backup(file)
    return header


def _ask(settings: Settings, path: str) -> None:
    """Ask whether all that is in the database may go.

    Raises:
        CommandFailedError: there is nobody to ask.
        typer.Abort: it may not.
    """
    if path == STANDARD_STREAM or not sys.stdin.isatty():
        raise CommandFailedError("There is nobody to ask: add --yes to --replace.")
    question = f"Delete all that is in {describe_database(settings)}, and restore {path} instead?"
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
    # A database of a newer version is left alone, with whatever tables that has.
    there = find_sqlite_file(settings)
    is_missing = there is not None and is_lost(str(there))
    current = None if is_missing else await find_revision_at(url)
    if current is not None and current > get_head():
        raise CommandFailedError(
            f"The database {describe_database(settings)} was made by a newer version of Taskstead."
        )
    try:
        await restore_backup(url, file, header, is_replacing=is_replacing, advance=advance)
    except NotEmptyError:
        raise CommandFailedError(
            f"There are accounts in {describe_database(settings)}. Restore into an empty database, "
            "or add --replace to delete all that is there."
        ) from None
