"""Validates the names of categories and tags."""

from collections.abc import Sequence

from taskstead.db.database import Reader
from taskstead.entities.entity import Entity
from taskstead.entities.labels import CATEGORY, TAG
from taskstead.errors import FieldError, NameTakenError, ValidationFailedError
from taskstead.ids import is_id
from taskstead.queries.labels import LabelRow, list_labels
from taskstead.schemas.text import make_name_key
from taskstead.services.changes import Batch
from taskstead.tables.categories import CategoryRow
from taskstead.tables.tags import TagRow

LabelEntity = Entity[CategoryRow] | Entity[TagRow]

_HINTS = {CATEGORY: "", TAG: " To combine the two, merge one into the other."}


async def list_labels_named(
    reader: Reader, entity: LabelEntity, workspace_id: str, name_keys: list[str]
) -> Sequence[LabelRow]:
    """Return the live categories, or the live tags, with these case-folded names."""
    if entity is CATEGORY:
        found, _ = await list_labels(reader, workspace_id, category_name_keys=name_keys)
    else:
        _, found = await list_labels(reader, workspace_id, tag_name_keys=name_keys)
    return found


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
