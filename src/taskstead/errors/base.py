"""The base class of all errors, and the error of one input field."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One invalid input value.

    Attributes:
        pointer: the location of the value: a JSON pointer (RFC 6901) into the body, or the kind and
            name of a parameter, such as ``query/limit``.
        message: the human-readable reason.
        code: the machine-readable code of the reason.
    """

    pointer: str
    message: str
    code: str


class TasksteadError(Exception):
    """Base class of the errors that clients receive.

    Attributes:
        status: the HTTP status.
        code: the machine-readable error code. It never changes.
        title: the human-readable summary of the kind of error.
        detail: the human-readable description of this occurrence of the error.
        errors: the invalid input values.
        headers: additional response headers.
        members: additional members of the problem document (RFC 9457, section 3.2).
        confirms_write: whether the error shows a client that an earlier write succeeded. A client
            that repeats a write gets such an error if its first attempt succeeded. The response is
            therefore delayed until that write is durable, like the response to the write itself.
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
