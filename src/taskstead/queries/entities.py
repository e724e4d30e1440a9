"""Queries for logged entities of any kind."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypedDict

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    not_,
    select,
)

from taskstead.db.database import LongReader, Reader
from taskstead.db.sql.functions import array_of, is_any_of
from taskstead.db.sql.query import Query
from taskstead.db.sql.types import Id, Instant
from taskstead.entities.entity import Entity, Link, R
from taskstead.entities.registry import ENTITIES
from taskstead.tables.rows import IdRow
from taskstead.tables.workspaces import workspaces

_UNTIL = bindparam("until", type_=Instant)


def select_entity(entity: Entity[Any]) -> Select[Any]:
    """Select the columns and the links of a workspace's rows, live and trashed."""
    table = entity.table
    links = (select_link(entity, link) for link in entity.links)
    return select(*table.c, *links).where(table.c.workspace_id == bindparam("workspace_id"))


def select_link(entity: Entity[Any], link: Link) -> ColumnElement[Any]:
    """Build the array with the ids of a link, in order, as a column of the entity's rows."""
    table, target = link.table, link.table.c[link.target]
    ids = (
        select(target)
        .where(
            table.c.workspace_id == entity.table.c.workspace_id,
            table.c[link.owner] == entity.table.c.id,
        )
        .order_by(target)
        .correlate(entity.table)
    )
    return array_of(ids, Id()).label(link.name)


@lru_cache
def _build_list_by_ids(entity: Entity[Any]) -> Query[Any]:
    id_ = entity.table.c.id
    statement = select_entity(entity).where(is_any_of(id_, "ids")).order_by(id_)
    return Query(entity.row_type, statement)


async def list_rows_by_ids(
    reader: Reader, entity: Entity[R], workspace_id: str, ids: Sequence[str]
) -> list[R]:
    """Return the rows with these ids, live or trashed, in order of id."""
    query: Query[R] = _build_list_by_ids(entity)
    return await reader.fetch_all(query, {"workspace_id": workspace_id, "ids": list(ids)})


def _is_expired(entity: Entity[Any]) -> ColumnElement[bool]:
    """Build the condition for rows trashed at or before ``until`` that no other row refers to."""
    table = entity.table
    references = (
        select(column)
        .where(column.table.c.workspace_id == table.c.workspace_id, column == table.c.id)
        .exists()
        for column in entity.referenced_by
    )
    return and_(
        table.c.deleted_at.is_not(None), table.c.deleted_at <= _UNTIL, *map(not_, references)
    )


@lru_cache
def _build_list_expired(entity: Entity[Any]) -> Query[IdRow]:
    table = entity.table
    statement = (
        select(table.c.id)
        .where(table.c.workspace_id == bindparam("workspace_id"), _is_expired(entity))
        .order_by(table.c.deleted_at)
        .limit(bindparam("limit", type_=BigInteger))
    )
    return Query(IdRow, statement)


async def list_expired_ids(
    reader: Reader, entity: Entity[Any], workspace_id: str, *, until: datetime, limit: int
) -> list[str]:
    """Return ids of rows trashed at or before ``until`` that no other row refers to.

    The rows that were trashed first come first.
    """
    parameters = {"workspace_id": workspace_id, "until": until, "limit": limit}
    return [row["id"] for row in await reader.fetch_all(_build_list_expired(entity), parameters)]


class WorkspaceIdRow(TypedDict):
    """The id of a workspace."""

    workspace_id: str


@lru_cache
def _build_find_workspace(entity: Entity[Any]) -> Query[WorkspaceIdRow]:
    table = entity.table
    # Trashed workspaces are excluded, because they are purged as a whole.
    in_trash = select(workspaces.c.id).where(
        workspaces.c.id == table.c.workspace_id, workspaces.c.deleted_at.is_not(None)
    )
    statement = (
        select(table.c.workspace_id).where(_is_expired(entity), not_(in_trash.exists())).limit(1)
    )
    return Query(WorkspaceIdRow, statement)


async def find_workspace_with_expired_rows(
    reader: LongReader, *, until: datetime, entities: Sequence[Entity[Any]] = ENTITIES
) -> str | None:
    """Return the id of a workspace for which :func:`list_expired_ids` returns ids, or None."""
    for entity in entities:
        query = _build_find_workspace(entity)
        for row in await reader.fetch_all(query, {"until": until}, is_long=True):
            return row["workspace_id"]
    return None
