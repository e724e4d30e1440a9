"""``Query``: a statement that returns rows, together with the type of its rows.

The type is a ``TypedDict`` with one key for each result column, so that mypy checks every access to
a row:

    class NameRow(TypedDict):
        id: str
        name: str

    _LIST_NAMES = Query(NameRow, select(users.c.id, users.c.name))

    rows = await reader.fetch_all(_LIST_NAMES, {})     # list[NameRow]
"""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from sqlalchemy import Executable

R = TypeVar("R", bound=Mapping[str, Any])
"""The type of a row."""


class Query(Generic[R]):
    """A SELECT, or another statement with a RETURNING clause, and the type of its rows.

    Args:
        row_type: a ``TypedDict`` whose keys are the names of the result columns. ``NotRequired``
            keys may be missing from the statement.
        statement: the statement.

    Raises:
        TypeError: the keys of the row type differ from the columns of the statement.
    """

    __slots__ = ("row_type", "statement")

    def __init__(self, row_type: type[R], statement: Executable) -> None:
        self.row_type = row_type
        self.statement = statement
        columns = {column.key for column in getattr(statement, "exported_columns", ())}
        keys = row_type.__annotations__.keys()
        missing = keys - columns - getattr(row_type, "__optional_keys__", frozenset())
        if missing or columns - keys:
            raise TypeError(
                f"{row_type.__name__} does not match its statement. Keys without a column: "
                f"{sorted(missing)}. Columns without a key: {sorted(columns - keys)}."
            )
