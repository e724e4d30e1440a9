"""Data of errors: invalid input values, conflicts of an undo, workspaces without an owner."""

from dataclasses import dataclass
from typing import Any, TypedDict


@dataclass(frozen=True, slots=True)
class TextPosition:
    """The position of an error in a text that is parsed, such as a filter.

    Attributes:
        start: the position of the first wrong character, in Unicode code points from 0.
        end: the position after the last wrong character.
        expected: what is allowed instead; empty if it cannot be listed.
    """

    start: int
    end: int
    expected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldError:
    """One invalid input value.

    Attributes:
        pointer: the location of the value: a JSON pointer (RFC 6901) into the body, or the kind and
            name of a parameter, such as ``query/limit``.
        message: the human-readable reason.
        code: the machine-readable code of the reason.
        start: the position of the first wrong character, if the value is a text that is parsed. It
            is in Unicode code points from 0.
        end: the position after the last wrong character.
        expected: what is allowed instead; empty if it cannot be listed.
    """

    pointer: str
    message: str
    code: str
    start: int | None = None
    end: int | None = None
    expected: tuple[str, ...] = ()


class UndoConflict(TypedDict):
    """A conflict that prevents an undo. ``schemas.problems.UndoConflict`` describes the keys."""

    kind: str
    id: str
    field: str | None
    expected: Any
    present: Any
    code: str
    message: str
    forcible: bool


class PossibleOwner(TypedDict):
    """A member of a workspace who can become its owner."""

    user_id: str
    email: str
    name: str
    role: str


class OwnerlessWorkspace(TypedDict):
    """A workspace that would have no owner, with its other members."""

    id: str
    name: str
    members: list[PossibleOwner]
