"""``Entity``: the description of a kind of row whose changes are in the change log."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, Table

from taskstead.db.sql.types import Instant

R = TypeVar("R", bound=Mapping[str, Any])
"""The type of an entity's rows."""

Values = Mapping[str, Any]
"""Values by field."""


@dataclass(frozen=True)
class Derivation:
    """Columns that are computed from logged fields. They are not in the change log.

    Attributes:
        sources: the fields that the columns are computed from.
        compute: returns the columns for a row with the sources.
    """

    sources: frozenset[str]
    compute: Callable[[Values], Values]


@dataclass(frozen=True, eq=False)
class Link:
    """A field with the ids of other entities, stored in a table with one row for each id.

    Attributes:
        name: the name of the field. Its value is a sorted list of ids.
        table: the table, with ``workspace_id`` and the two columns.
        owner: the name of the column with the id of the entity that has the field.
        target: the name of the column with the id of the other entity.
    """

    name: str
    table: Table
    owner: str
    target: str


@dataclass(frozen=True)
class Privacy:
    """Rows that only their owner sees, until they are shared.

    Attributes:
        owner: the name of the column with the id of the owner.
        shared: the name of the column that is true if all members see the row.
    """

    owner: str
    shared: str


@dataclass(frozen=True, eq=False)
class Entity(Generic[R]):
    """The description of a kind of row whose changes are in the change log.

    The table has the columns ``workspace_id``, ``id``, ``revision``, ``created_at``, ``updated_at``
    and ``deleted_at``. If rows that were trashed together are restored together, it also has
    ``deleted_batch``.

    Attributes:
        kind: the name of the kind in the change log.
        collection: the plural, which is the name of the list in a sync response.
        row_type: the columns of the table and the links.
        table: the table.
        name: the column with the name by which users know a row, such as the title of a task.
        logged: the columns that the change log records. The other columns are derived from these or
            from the change.
        text: the logged fields with text that users entered. A purge removes them from the log.
        tombstone: the fields that the log records when a row is purged.
        derivations: the derived columns.
        links: the fields in tables of their own.
        referenced_by: the columns of other tables that refer to the entity. A row in the trash is
            not purged while another row refers to it.
        privacy: for a kind with rows that not all members see.
    """

    kind: str
    collection: str
    row_type: type[R]
    table: Table
    name: str
    logged: tuple[str, ...]
    text: tuple[str, ...] = ()
    tombstone: tuple[str, ...] = ()
    derivations: tuple[Derivation, ...] = ()
    links: tuple[Link, ...] = ()
    referenced_by: tuple[Column[Any], ...] = ()
    privacy: Privacy | None = None

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """All fields that the change log records: the logged columns and the links."""
        return (*self.logged, *(link.name for link in self.links))

    @cached_property
    def trash_fields(self) -> tuple[str, ...]:
        """The fields that are set while a row is in the trash."""
        return tuple(name for name in ("deleted_at", "deleted_batch") if name in self.table.c)

    def make_trash_values(self, at: datetime, batch_id: str) -> dict[str, Any]:
        """Return the values of the trash fields of a row that a batch moves to the trash."""
        values = {"deleted_at": at, "deleted_batch": batch_id}
        return {name: values[name] for name in self.trash_fields}

    def find_visible_to(self, row: Values) -> str | None:
        """Return the id of the only user who sees a row; None if all members see it."""
        if self.privacy is None or row[self.privacy.shared]:
            return None
        visible_to: str = row[self.privacy.owner]
        return visible_to

    def derive(self, row: Values, changed: frozenset[str] | None = None) -> dict[str, Any]:
        """Return the derived columns of a row.

        Args:
            row: the row, with the sources of the derivations.
            changed: the changed fields. Columns that do not depend on them are omitted. None
                returns all derived columns.
        """
        columns: dict[str, Any] = {}
        for derivation in self.derivations:
            if changed is None or not changed.isdisjoint(derivation.sources):
                columns.update(derivation.compute(row))
        return columns

    def parse_logged_value(self, name: str, value: Any) -> Any:
        """Convert the JSON value of a field in the change log to the type of the column."""
        if any(name == link.name for link in self.links):
            return value or []
        column = self.table.c.get(name)
        if value is not None and column is not None and isinstance(column.type, Instant):
            return datetime.fromisoformat(value)
        return value
