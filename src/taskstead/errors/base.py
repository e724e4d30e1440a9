"""The base class of all errors, and the error of one input field."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One invalid input value.

    Attributes:
        pointer: its place: an RFC 6901 pointer into the body, or ``query/limit`` and the like.
        message: the reason, for people.
        code: the reason, for programs.
    """

    pointer: str
    message: str
    code: str


class TasksteadError(Exception):
    """Base class of the errors that clients receive.

    Attributes:
        status: the HTTP status.
        code: the stable name of the error, for programs.
        title: the kind of error, for people.
        detail: this occurrence of the error, for people.
        errors: the invalid input values.
        headers: additional response headers.
        members: additional members of the problem document (RFC 9457, section 3.2).
        confirms_write: whether the error confirms to a client that repeats a write that its first
            attempt succeeded. The response then waits until that write is durable, as the response
            to the write itself does.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong on the server"
    confirms_write: ClassVar[bool] = False

    def __init__(
        self,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = headers or {}
        self.members: dict[str, Any] = {}
