"""Permanent deletion of tasks, categories and tags whose time in the trash has expired."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from taskstead.entities.entity import Entity
from taskstead.entities.registry import ENTITIES
from taskstead.entities.tasks import TASK
from taskstead.queries.entities import list_expired_ids, list_rows_by_ids
from taskstead.services.changelog import Batch
from taskstead.services.entity_writer import purge_rows
from taskstead.services.tasks.purge import purge_tasks_in_batch


async def purge_expired_in_batch(
    batch: Batch,
    *,
    until: datetime,
    limit: int,
    entities: Sequence[Entity[Any]] = ENTITIES,
) -> Counter[str]:
    """Permanently delete entities trashed at or before ``until``; return the numbers by collection.

    Each call deletes at most ``limit`` rows of each kind, and the sub-tasks of these tasks. It
    stops after a kind that reaches the limit. An entity is deleted after those that refer to it.
    For example, a category can only be deleted when no live or trashed task is in it.
    """
    purged: Counter[str] = Counter()
    reader, workspace_id = batch.transaction, batch.workspace_id
    for entity in reversed(entities):
        ids = await list_expired_ids(reader, entity, workspace_id, until=until, limit=limit)
        if entity is TASK:
            purged[entity.collection] = len(await purge_tasks_in_batch(batch, ids))
        elif ids:
            await purge_rows(
                batch, entity, await list_rows_by_ids(reader, entity, workspace_id, ids)
            )
            purged[entity.collection] = len(ids)
        if len(ids) >= limit:
            break
    return purged
