"""Base classes of all errors."""

from collections.abc import Sequence
from typing import ClassVar

from taskstead.errors.details import FieldError


class TasksteadError(Exception):
    """Base class of the errors that clients receive.

    Each face renders them in its own way. ``http/responses/error_mapping.py`` has their HTTP
    statuses and headers.

    Attributes:
        code: the machine-readable error code. It never changes.
        title: the human-readable summary of the kind of error.
        confirms_write: whether the error shows a client that an earlier write succeeded. A client
            that repeats a write gets such an error if its first attempt succeeded. The response is
            therefore delayed until that write is durable, like the response to the write itself.
        detail: the human-readable description of this occurrence of the error.
        errors: the invalid input values.
        retry_after_seconds: the number of seconds to wait before a retry; None if unknown.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    confirms_write: ClassVar[bool] = False

    def __init__(
        self,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.retry_after_seconds = retry_after_seconds


class ServerError(TasksteadError):
    """Base class of the errors with a cause in the server. The same request may succeed later."""
