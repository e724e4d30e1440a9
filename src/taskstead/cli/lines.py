"""Reading JSON Lines: one task a line, each checked by itself and refused with a reason.

What does not live here: the database. A line is judged by what it says, not by what is there.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from taskstead.schemas.tasks import TaskCreate

FIELDS = ("title", "description", "priority", "category", "tags", "due_date", "status")

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank.

    Attributes:
        number: counted from 1, blank lines too.
        task: what it asks for; None for a bad line.
        problem: why it is bad; empty for a good one.
    """

    number: int
    task: TaskCreate | None
    problem: str = ""


def read_lines(file: Iterable[bytes]) -> Iterator[Line]:
    """Read the lines of a file that end with LF or CRLF, with or without a byte order mark."""
    for number, raw in enumerate(file, start=1):
        content = raw.removeprefix(_BYTE_ORDER_MARK) if number == 1 else raw
        if not content.strip():
            continue
        try:
            yield Line(number, _parse(content.rstrip()))
        except _BadLineError as error:
            yield Line(number, None, str(error))


class _BadLineError(Exception):
    """Why a line is refused."""


def _parse(content: bytes) -> TaskCreate:
    try:
        values = json.loads(content.decode(), object_pairs_hook=_refuse_repetition)
    except UnicodeDecodeError as error:
        message = f"not UTF-8: the byte {content[error.start]:#04x} at column {error.start + 1}"
        raise _BadLineError(message) from None
    except json.JSONDecodeError as error:
        message = f"not JSON: {error.msg} at column {error.colno}"
        raise _BadLineError(message) from None
    except (ValueError, RecursionError) as error:
        message = f"not JSON that can be read: {error}"
        raise _BadLineError(message) from None
    if not isinstance(values, dict):
        message = "not a JSON object"
        raise _BadLineError(message)
    unknown = next((name for name in values if name not in FIELDS), None)
    if unknown is not None:
        message = f"{_point_at([unknown])}: not a field of an import; those are {', '.join(FIELDS)}"
        raise _BadLineError(message)
    try:
        return TaskCreate.model_validate(values)
    except ValidationError as error:
        raise _BadLineError(_describe_problem(error)) from None


def _refuse_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = max(names, key=names.count)
        message = f"{_point_at([repeated])}: given more than once"
        raise _BadLineError(message)
    return values


def _describe_problem(error: ValidationError) -> str:
    found = error.errors()
    pointer = _point_at(found[0]["loc"])
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return (f"{pointer}: " if pointer else "") + found[0]["msg"] + more


def _point_at(steps: Iterable[str | int]) -> str:
    """Return the JSON pointer (RFC 6901)."""
    escaped = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return "".join(f"/{step}" for step in escaped)
