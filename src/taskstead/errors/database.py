"""Errors of the database that clients can be told of."""

from taskstead.errors.base import TasksteadError


class DatabaseBusyError(TasksteadError):
    """No database connection, or no turn to write, was to be had within the bounded wait."""

    status = 503
    code = "database_busy"
    title = "The server is too busy"

    def __init__(self, detail: str = "The database is busy; try again in a moment.") -> None:
        super().__init__(detail, headers={"Retry-After": "1"})


class DatabaseUnavailableError(TasksteadError):
    """The database cannot be reached or cannot write. A write under way may or may not be done."""

    status = 503
    code = "database_unavailable"
    title = "The database is not available"

    def __init__(
        self, detail: str = "The database cannot be reached; try again in a few seconds."
    ) -> None:
        super().__init__(detail, headers={"Retry-After": "5"})


class DatabaseFullError(DatabaseUnavailableError):
    """The disk of the database is full. Nothing was done; reading goes on.

    Whoever operates the server has to make room on it. Then writing works again by itself.
    """

    code = "database_full"
    title = "The database has no room left"

    def __init__(self) -> None:
        super().__init__(
            "The disk of the database is full: nothing of this was done. Reading goes on; writing"
            " works again by itself as soon as there is room on the disk."
        )


class DatabaseReplacedError(DatabaseUnavailableError):
    """The SQLite file was deleted or replaced while the server used it. Writes are refused.

    Put the file back, or restart the server, which then uses the file that is there.
    """

    code = "database_replaced"
    title = "The database file was deleted or replaced"

    def __init__(self) -> None:
        super().__init__(
            "The database file was deleted or replaced while the server was using it: writes are "
            "refused. Whoever operates the server has to put it back, or restart the server."
        )


class DatabaseDamagedError(DatabaseUnavailableError):
    """The SQLite file is damaged, or is not a database of Taskstead. Writes are refused.

    Stop the server, move the file and its `-wal` and `-shm` files away, and restore a backup.
    """

    code = "database_damaged"
    title = "The database file is damaged"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The database file is damaged: {reason}. Whoever operates the server has to stop it "
            "and restore a backup."
        )
        # For messages that name the file.
        self.reason = reason
