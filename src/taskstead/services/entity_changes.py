"""``EntityChange``: one written change of an entity, for the code that follows the writes."""

from typing import NamedTuple

from taskstead.entities.entity import Values
from taskstead.services.changes import Fields


class EntityChange(NamedTuple):
    """One created, updated or purged row.

    Attributes:
        old: the row before the change; None if it was created.
        values: the new values by field; empty if the row is to be purged.
        row: the row after the change; empty if the row is to be purged.
        fields: the changed fields, with old and new values.
    """

    old: Values | None
    values: Values
    row: Values
    fields: Fields
