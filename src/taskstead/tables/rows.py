"""Row types that many tables share."""

from typing import TypedDict


class IdRow(TypedDict):
    """The id of a row."""

    id: str


class CountRow(TypedDict):
    """A number of rows."""

    count: int


class RevisedRow(TypedDict):
    """A row with the revision of its last change."""

    revision: int
