"""Validates the ids and names of categories and tags."""

from typing import Any

from taskstead.domain.names import make_name_key
from taskstead.entities.entity import Entity
from taskstead.entities.labels import CATEGORY, TAG
from taskstead.errors import FieldError, NameTakenError, ValidationFailedError
from taskstead.ids import is_id
from taskstead.queries.entities import list_rows_by_ids
from taskstead.queries.labels.labels import LabelEntity, list_labels_named
from taskstead.services.changelog import Batch

_HINTS = {CATEGORY: "", TAG: " To combine the two, merge one into the other."}


async def check_label_id(batch: Batch, entity: Entity[Any], id_: str | None) -> None:
    """Check that a new category or tag may get the id that the client chose, if any.

    Raises:
        NameTakenError: another one of this kind has the id. It may be in the trash.
    """
    if id_ is not None and await list_rows_by_ids(
        batch.transaction, entity, batch.workspace_id, [id_]
    ):
        message = f"The id {id_} is already in use. To change that {entity.kind}, use PATCH."
        raise NameTakenError(message, errors=[FieldError("/id", message, NameTakenError.code)])


async def check_label_name(
    batch: Batch, entity: LabelEntity, name: str, old_name: str | None = None
) -> None:
    """Check that a category or a tag may get a name.

    Args:
        batch: the open batch.
        entity: ``CATEGORY`` or ``TAG``.
        name: the new name.
        old_name: the current name of the label; None for a new label.

    Raises:
        NameTakenError: another label of this kind has the name, ignoring case.
        ValidationFailedError: the name is a UUID.
    """
    key = make_name_key(name)
    if old_name is not None and key == make_name_key(old_name):
        return
    if is_id(name):
        message = f"A {entity.kind} name cannot be a UUID, because it would be read as an id."
        raise ValidationFailedError(message, errors=[FieldError("/name", message, "id_as_name")])
    if await list_labels_named(batch.transaction, entity, batch.workspace_id, [key]):
        raise NameTakenError(f"A {entity.kind} named {name!r} already exists.{_HINTS[entity]}")
