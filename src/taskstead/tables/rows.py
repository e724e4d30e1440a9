"""Row types of queries that select only an id or a number, shared by many tables."""

from typing import TypedDict


class IdRow(TypedDict):
    """The id of a row."""

    id: str


class CountRow(TypedDict):
    """A number of rows."""

    count: int
