"""Opening of the configured database for commands, and the commands ``taskstead db``.

All commands open the database with the functions of this module. The functions create the data
folder. They also migrate the database, unless ``migrate_on_start`` is false. Their error messages
name the database, but never its password.
"""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import typer

from taskstead.cli.console import CommandFailedError
from taskstead.config.loader import load_settings
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.db.factory import get_sqlite_path, open_database
from taskstead.db.migrate import (
    MigrationError,
    check_migrated,
    ensure_migrated,
    find_revision_at,
    get_head,
)
from taskstead.db.sqlite.file import find_read_only_file
from taskstead.errors import DatabaseDamagedError, DatabaseUnavailableError

Result = TypeVar("Result")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run the coroutine of a command in a new event loop and return its result."""
    return asyncio.run(work)


def find_sqlite_file(settings: Settings) -> Path | None:
    """Return the absolute path of the database file; None for PostgreSQL."""
    url = settings.effective_database_url
    return Path(get_sqlite_path(url)).absolute() if url.startswith("sqlite:///") else None


def describe_database(settings: Settings) -> str:
    """Return a name of the database for messages.

    It is the path of the SQLite file, or the URL without password and parameters.
    """
    file = find_sqlite_file(settings)
    if file is not None:
        return str(file)
    scheme, _, rest = settings.effective_database_url.partition("://")
    user, at, where = rest.partition("?")[0].rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}{at}{where}"


def prepare_folder(settings: Settings) -> None:
    """Create the folder of the SQLite file and check that the folder and the file are writable.

    A new folder can be accessed only by its owner. The mode of an existing folder is not changed.

    Raises:
        CommandFailedError: the folder cannot be created or written, or the file is read-only.
    """
    file = find_sqlite_file(settings)
    if file is None:
        return
    name = "TASKSTEAD_DATA_DIR" if settings.database_url is None else "TASKSTEAD_DATABASE_URL"
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite creates the files of its write-ahead log in the same folder.
        tempfile.TemporaryFile(dir=file.parent).close()
    except OSError as error:
        raise CommandFailedError(
            f"The folder {file.parent} cannot be created or written ({error.strerror}). "
            f"Choose another folder with {name}."
        ) from None
    read_only = find_read_only_file(str(file))
    if read_only is not None:
        raise CommandFailedError(
            f"The database file {read_only} is read-only for this user. Run "
            f"`chmod u+w {read_only}` as its owner, or run Taskstead as the owner."
        )


async def prepare_database(settings: Settings) -> None:
    """Migrate the database, or only check its revision if ``migrate_on_start`` is false.

    Raises:
        CommandFailedError: the database cannot be reached or is from a newer version, or its schema
            is outdated and ``migrate_on_start`` is false.
    """
    url = settings.effective_database_url
    with translated_errors(settings):
        if settings.migrate_on_start:
            await ensure_migrated(url)
        else:
            await check_migrated(url)


@asynccontextmanager
async def open_prepared_database(settings: Settings) -> AsyncGenerator[Database]:
    """Prepare and open the configured database for the duration of the block.

    Raises:
        CommandFailedError: the folder or the database cannot be used (see :func:`prepare_folder`
            and :func:`prepare_database`), or the block raised a database error.
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
    """Translate database errors of the block to a CommandFailedError that names the database.

    Raises:
        CommandFailedError: the block raised a database error.
    """
    try:
        yield
    except MigrationError as error:
        raise CommandFailedError(f"{error} (Database: {describe_database(settings)})") from None
    except DatabaseDamagedError as error:
        raise CommandFailedError(
            f"The database file {describe_database(settings)} is damaged: {error.reason}. Stop the "
            "server, move the file and its -wal and -shm files away, and restore the newest backup "
            "with `taskstead restore`."
        ) from None
    except DatabaseUnavailableError as error:
        if find_sqlite_file(settings) is not None:
            raise CommandFailedError(error.detail) from None
        reason = str(error.__cause__ or "").partition("\n")[0] or "it does not respond"
        raise CommandFailedError(
            f"The database {describe_database(settings)} cannot be used: {reason}."
        ) from None


def upgrade(database_url: str | None) -> None:
    """Migrate the database and print its schema revision."""
    settings = load_settings(database_url=database_url)
    prepare_folder(settings)
    with translated_errors(settings):
        changed = run(ensure_migrated(settings.effective_database_url))
    done = "is now" if changed else "is already"
    typer.echo(f"The database {describe_database(settings)} {done} at revision {get_head()}.")


def show_current(database_url: str | None) -> None:
    """Print the schema revision of the database and the revision that this version requires."""
    settings = load_settings(database_url=database_url)
    file = find_sqlite_file(settings)
    with translated_errors(settings):
        # Opening the database would create the file.
        is_missing = file is not None and not file.exists()
        current = None if is_missing else run(find_revision_at(settings.effective_database_url))
    typer.echo(f"{current or 'none'} (this version requires {get_head()})")
