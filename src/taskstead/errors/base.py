"""The base class of all errors, and errors of single fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with the input: where (RFC 6901 pointer or ``query/limit``), what, code."""

    pointer: str
    message: str
    code: str


class TasksteadError(Exception):
    """The base of all: an HTTP status, a stable code, a title, and a detail for this occurrence."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong on the server"
    # Whether it tells a client that repeats a write that the first attempt was done. Then the
    # answer has to wait until that write is safe, as the write itself does.
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
        # More members of the problem document (RFC 9457, section 3.2).
        self.members: dict[str, Any] = {}
