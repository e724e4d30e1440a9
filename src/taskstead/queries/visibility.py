"""Which rows a user sees: conditions with the parameter ``viewer_id``, the user's id."""

from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_

from taskstead.db.sql.types import Id
from taskstead.entities.entity import Entity
from taskstead.tables.changes import changes

_VIEWER_ID = bindparam("viewer_id", type_=Id)

IS_VISIBLE_CHANGE = or_(changes.c.visible_to.is_(None), changes.c.visible_to == _VIEWER_ID)


def list_privacy_conditions(entity: Entity[Any]) -> list[ColumnElement[bool]]:
    """Return the conditions for the rows that the user sees; none if all members see all rows."""
    if entity.privacy is None:
        return []
    columns = entity.table.c
    return [or_(columns[entity.privacy.shared], columns[entity.privacy.owner] == _VIEWER_ID)]
