"""Databases to measure on: a file for SQLite, a server of our own for PostgreSQL.

Both are as durable as in production.
"""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

ENGINES = ("sqlite", "postgresql")


class DatabaseError(Exception):
    """A database server did not start."""


@contextlib.contextmanager
def open_engine(engine: str, folder: Path) -> Iterator[Callable[[str], str]]:
    """Give a function that makes an empty database of a name and returns its URL.

    What was made goes with the block: files with `folder`, PostgreSQL with its server.

    Raises:
        DatabaseError: PostgreSQL is not installed, or did not start.

    """
    if engine == "sqlite":
        yield lambda name: f"sqlite:///{folder / name}.db"
        return
    # Not at the top: measuring SQLite needs no PostgreSQL.
    from tests.servers.postgres import PostgresFailedError, running_postgres  # noqa: PLC0415

    with contextlib.ExitStack() as stack:
        try:
            postgres = stack.enter_context(running_postgres(durable=True))
        except PostgresFailedError as error:
            raise DatabaseError(str(error)) from error
        yield postgres.create_database
