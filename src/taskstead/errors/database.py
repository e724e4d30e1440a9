"""Database errors that are returned to clients, with the time to wait before a retry."""

from taskstead.errors.base import ServerError


class DatabaseBusyError(ServerError):
    """No database connection or write lock became free within the time limit.

    Nothing was changed. Wait for the number of seconds in `Retry-After`, then retry. The limits are
    `TASKSTEAD_DATABASE_WAIT_SECONDS` and `TASKSTEAD_DATABASE_QUEUE_SECONDS`.
    """

    code = "database_busy"
    title = "The server is too busy"

    def __init__(self, detail: str = "The database is busy. Retry in a second.") -> None:
        super().__init__(detail, retry_after_seconds=1)


class DatabaseUnavailableError(ServerError):
    """The server cannot reach the database, or the database cannot write.

    A write that was in progress may or may not have been committed. Wait for the number of seconds
    in `Retry-After`, then retry. Repeat a write with the same Idempotency-Key.
    """

    code = "database_unavailable"
    title = "The database is not available"

    def __init__(
        self, detail: str = "The database is unavailable. Retry in a few seconds."
    ) -> None:
        super().__init__(detail, retry_after_seconds=5)


class DatabaseFullError(DatabaseUnavailableError):
    """The database's disk is full. Nothing was changed. Reads still work.

    The administrator has to free disk space. Writes then work again without a restart.
    """

    code = "database_full"
    title = "The database's disk is full"

    def __init__(self) -> None:
        super().__init__(
            "The database's disk is full. Nothing was changed. Reads still work. Writes work again "
            "when the administrator has freed disk space."
        )


class DatabaseReplacedError(DatabaseUnavailableError):
    """The SQLite file was deleted or replaced while the server was using it.

    The server rejects all writes. The administrator has to put the original file back, or restart
    the server to use the file that now has its name.
    """

    code = "database_replaced"
    title = "The database file was deleted or replaced"

    def __init__(self) -> None:
        super().__init__(
            "The database file was deleted or replaced while the server was using it. The server "
            "rejects writes until the administrator puts the file back or restarts the server."
        )


class DatabaseDamagedError(DatabaseUnavailableError):
    """The SQLite file is damaged or is not a Taskstead database. The server rejects all writes.

    The administrator has to stop the server, move the file and its `-wal` and `-shm` files away,
    and restore a backup.
    """

    code = "database_damaged"
    title = "The database file is damaged"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The database file is damaged: {reason}. The administrator has to stop the server and "
            "restore a backup."
        )
        # Log messages that contain the file's path use this text instead of `detail`.
        self.reason = reason
