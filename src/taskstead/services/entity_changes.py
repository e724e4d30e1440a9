"""``EntityChange``: a created or changed row, for the functions that update the search index."""

from typing import NamedTuple

from taskstead.entities.entity import Values
from taskstead.services.changelog import Fields


class EntityChange(NamedTuple):
    """One created or changed row.

    Attributes:
        old: the row before the change; None if it was created.
        values: the values that the writer got, by field.
        row: the row after the change.
        fields: the changed fields, with old and new values.
    """

    old: Values | None
    values: Values
    row: Values
    fields: Fields
