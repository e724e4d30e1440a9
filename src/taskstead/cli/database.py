"""Finding, preparing and opening the database that the settings name; ``taskstead db``.

Every command that needs the database comes through here, so that they all follow the same rules:
the folder is made, the database is migrated unless the settings say otherwise, and whatever is in
the way is told in one sentence that names the database without its password.
"""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import typer

from taskstead.cli.console import CommandFailedError
from taskstead.db.database import Database
from taskstead.db.migrate import (
    MigrationError,
    check_migrated,
    ensure_migrated,
    find_revision_at,
    get_head,
)
from taskstead.db.opening import get_sqlite_path, open_database
from taskstead.db.sqlite_file import find_read_only_file
from taskstead.errors import DatabaseDamagedError, DatabaseUnavailableError
from taskstead.loading import load_settings
from taskstead.settings import Settings

Result = TypeVar("Result")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a command's asynchronous part to its end."""
    return asyncio.run(work)


def find_sqlite_file(settings: Settings) -> Path | None:
    """Return the absolute path of the database file; None for PostgreSQL."""
    url = settings.effective_database_url
    return Path(get_sqlite_path(url)).absolute() if url.startswith("sqlite:///") else None


def describe_database(settings: Settings) -> str:
    """Return the file or the URL, for people: without password and parameters."""
    file = find_sqlite_file(settings)
    if file is not None:
        return str(file)
    scheme, _, rest = settings.effective_database_url.partition("://")
    user, at, where = rest.partition("?")[0].rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}{at}{where}"


def prepare_folder(settings: Settings) -> None:
    """Make the folder of the SQLite file, open to its owner alone, and check both for writing.

    Raises:
        CommandFailedError: the folder cannot be made or written to, or the file is read-only.
    """
    file = find_sqlite_file(settings)
    if file is None:
        return
    name = "TASKSTEAD_DATA_DIR" if settings.database_url is None else "TASKSTEAD_DATABASE_URL"
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite keeps its log beside the file, so the folder has to be writable too.
        tempfile.TemporaryFile(dir=file.parent).close()
    except OSError as error:
        raise CommandFailedError(
            f"The folder {file.parent} cannot be made or written to ({error.strerror}); "
            f"choose another with {name}."
        ) from None
    read_only = find_read_only_file(str(file))
    if read_only is not None:
        raise CommandFailedError(
            f"The database file {read_only} is read-only for this user; run `chmod u+w {read_only}`"
            " as its owner, or run Taskstead as the owner."
        )


async def prepare_database(settings: Settings) -> None:
    """Bring the database up to date, or only see whether it is, as the settings say.

    Raises:
        CommandFailedError: it cannot be reached, is too new, or is not migrated and shall not be.
    """
    url = settings.effective_database_url
    with translated_errors(settings):
        if settings.migrate_on_start:
            await ensure_migrated(url)
        else:
            await check_migrated(url)


@asynccontextmanager
async def open_prepared_database(settings: Settings) -> AsyncGenerator[Database]:
    """Open the database of the settings, ready for use, until the block ends.

    Raises:
        CommandFailedError: as for :func:`prepare_folder` and :func:`prepare_database`.
    """
    prepare_folder(settings)
    await prepare_database(settings)
    database = await open_database(
        settings.effective_database_url,
        pool_size=1,
        wait_seconds=settings.database_wait_seconds,
    )
    try:
        with translated_errors(settings):
            yield database
    finally:
        await database.close()


@contextmanager
def translated_errors(settings: Settings) -> Iterator[None]:
    """Turn what goes wrong with the database itself into a sentence that names it.

    Raises:
        CommandFailedError: instead of what was raised inside.
    """
    try:
        yield
    except MigrationError as error:
        raise CommandFailedError(f"{error} (Database: {describe_database(settings)})") from None
    except DatabaseDamagedError as error:
        raise CommandFailedError(
            f"The database file {describe_database(settings)} is damaged: {error.reason}. Stop the "
            "server, move the file and its -wal and -shm files away, and restore the last backup "
            "with `taskstead restore`."
        ) from None
    except DatabaseUnavailableError as error:
        if find_sqlite_file(settings) is not None:
            raise CommandFailedError(error.detail) from None
        reason = str(error.__cause__ or "").partition("\n")[0] or "it does not answer"
        raise CommandFailedError(
            f"The database {describe_database(settings)} cannot be used: {reason}."
        ) from None


def upgrade(database_url: str | None) -> None:
    """Bring the database up to date and say so."""
    settings = load_settings(database_url=database_url)
    prepare_folder(settings)
    with translated_errors(settings):
        changed = run(ensure_migrated(settings.effective_database_url))
    done = "is now" if changed else "was already"
    typer.echo(f"The database {describe_database(settings)} {done} at revision {get_head()}.")


def show_current(database_url: str | None) -> None:
    """Say which revision the database is at and which one this version needs."""
    settings = load_settings(database_url=database_url)
    file = find_sqlite_file(settings)
    with translated_errors(settings):
        # Looking must not make the file.
        absent = file is not None and not file.exists()
        current = None if absent else run(find_revision_at(settings.effective_database_url))
    typer.echo(f"{current or 'none'} (this version needs {get_head()})")
