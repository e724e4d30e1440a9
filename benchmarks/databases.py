"""Databases of the measured servers: a file for SQLite, a new server for PostgreSQL.

Both are configured for durable commits, as in production.
"""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

ENGINES = ("sqlite", "postgresql")


class DatabaseError(Exception):
    """A database server did not start."""


@contextlib.contextmanager
def open_engine(engine: str, folder: Path) -> Iterator[Callable[[str], str]]:
    """Yield a function that creates an empty database with a name and returns its URL.

    SQLite files are created in `folder`. The PostgreSQL server is stopped after the block.

    Raises:
        DatabaseError: PostgreSQL is not installed or did not start.

    """
    if engine == "sqlite":
        yield lambda name: f"sqlite:///{folder / name}.db"
        return
    # Imported here because measuring SQLite needs no PostgreSQL.
    from tests.harness.servers.postgres import PostgresFailedError, running_postgres  # noqa: PLC0415

    with contextlib.ExitStack() as stack:
        try:
            postgres = stack.enter_context(running_postgres(durable=True))
        except PostgresFailedError as error:
            raise DatabaseError(str(error)) from error
        yield postgres.create_database
