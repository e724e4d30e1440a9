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
