"""Queries on the change log: the history of a task, the activity of a workspace, names of ids."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    Table,
    bindparam,
    cast,
    literal,
    null,
    select,
    union_all,
)

from taskstead.db.database import LongReader, Reader
from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.query import Query
from taskstead.db.sql.types import Id, Instant
from taskstead.domain.change_kinds import WorkspaceKind
from taskstead.domain.principal import Principal
from taskstead.domain.time_ranges import parse_day_or_moment
from taskstead.entities.entity import Entity
from taskstead.entities.registry import ENTITIES
from taskstead.errors import NotFoundError
from taskstead.ids import parse_number
from taskstead.queries.tasks.tasks import find_task
from taskstead.queries.visibility import IS_VISIBLE_CHANGE, list_privacy_conditions
from taskstead.schemas.history.activity import ActivityListing
from taskstead.tables.changes import (
    REFERENCED_KINDS,
    ChangeRow,
    EntityNameRow,
    changes,
    list_referred_ids,
)
from taskstead.tables.tokens import api_tokens, sessions
from taskstead.tables.users import users
from taskstead.tables.workspaces import workspaces

# Greater than any revision. A listing starts below it, that is, with the newest change.
AFTER_ALL_REVISIONS = 2**63 - 1

_LIMIT = bindparam("limit", type_=BigInteger)
_SELECT_CHANGES = select(changes).where(changes.c.workspace_id == bindparam("workspace_id"))
_CONDITIONS = {
    "kind": is_any_of(changes.c.kind, "kind"),
    "user": changes.c.user_id == bindparam("user", type_=Id),
    "entity": changes.c.entity_id == bindparam("entity", type_=Id),
    "batch": changes.c.batch_id == bindparam("batch", type_=Id),
    "since": changes.c.at >= bindparam("since", type_=Instant),
    "until": changes.c.at < bindparam("until", type_=Instant),
}
# Conditions that match few rows and have an index.
_SELECTIVE = frozenset({"entity", "batch"})


def _select_names(kind: str, table: Table, *, name: str | None = "name") -> Select[Any]:
    """Build a query for kind, id, name and number of the rows with the ids in ``{kind}_ids``."""
    return select(
        literal(kind).label("kind"),
        table.c.id,
        (cast(null(), String) if name is None else cast(table.c[name], String)).label("name"),
        (table.c.number if "number" in table.c else cast(null(), BigInteger)).label("number"),
    ).where(is_any_of(table.c.id, f"{kind}_ids"))


# Named rows that are not logged entities.
_OTHER_KINDS = {
    "user": _select_names("user", users),
    "workspace": _select_names("workspace", workspaces),
    "api_token": _select_names("api_token", api_tokens),
    "session": _select_names("session", sessions, name=None),
}


@lru_cache
def _build_list_names(entities: tuple[Entity[Any], ...]) -> Query[EntityNameRow]:
    in_workspace = (
        _select_names(entity.kind, entity.table, name=entity.name).where(
            entity.table.c.workspace_id == bindparam("workspace_id"),
            *list_privacy_conditions(entity),
        )
        for entity in entities
    )
    return Query(EntityNameRow, union_all(*in_workspace, *_OTHER_KINDS.values()))


@lru_cache(maxsize=128)
def build_history_list(names: frozenset[str]) -> Query[ChangeRow]:
    """Build the query that lists changes. Cached for each set of conditions."""
    revision: ColumnElement[int] = changes.c.revision
    if names & _SELECTIVE:
        # Without "+ 0", SQLite would scan all changes by the revision index instead of using the
        # index of the condition, just to avoid a sort.
        revision = revision + 0
    return Query(
        ChangeRow,
        _SELECT_CHANGES.where(
            revision < bindparam("before", type_=BigInteger),
            IS_VISIBLE_CHANGE,
            *(_CONDITIONS[name] for name in sorted(names)),
        )
        .order_by(revision.desc())
        .limit(_LIMIT),
    )


async def list_activity(
    reader: LongReader,
    principal: Principal,
    listing: ActivityListing,
    *,
    now: datetime,
    before: int,
    limit: int,
    entities: tuple[Entity[Any], ...] = ENTITIES,
) -> list[ChangeRow]:
    """Return the changes of the current workspace that match the filter, newest first.

    Args:
        reader: the database connection to read from.
        principal: the user of the request. Days are calculated in their time zone by default.
        listing: the filter. Its cursor and limit are ignored.
        now: the current time.
        before: only changes with a smaller revision are returned.
        limit: maximum number of rows.
        entities: the logged entities.
    """
    zone = ZoneInfo(listing.time_zone or principal.time_zone)
    values = listing.model_dump(include=set(_CONDITIONS), exclude_defaults=True)
    if listing.entity is not None and not listing.kind:
        # The index on entities begins with the kind, so it needs a condition on the kind.
        values["kind"] = [*get_args(WorkspaceKind), *(entity.kind for entity in entities)]
    if listing.user == "me":
        values["user"] = principal.user_id
    if listing.since is not None:
        values["since"] = parse_day_or_moment(listing.since, zone, now).start
    if listing.until is not None:
        values["until"] = parse_day_or_moment(listing.until, zone, now).end
    return await _list_changes(reader, principal, values, before=before, limit=limit)


async def _list_changes(
    reader: LongReader, principal: Principal, values: Mapping[str, Any], *, before: int, limit: int
) -> list[ChangeRow]:
    page = {
        "workspace_id": principal.workspace_id,
        "viewer_id": principal.user_id,
        "before": before,
        "limit": limit,
    }
    return await reader.fetch_all(build_history_list(frozenset(values)), {**values, **page})


async def list_task_history(
    reader: LongReader, principal: Principal, reference: str, *, before: int, limit: int
) -> list[ChangeRow]:
    """Return the changes of a task, newest first. A purged task is only found by its id.

    Raises:
        NotFoundError: neither the table of tasks nor the change log has such a task.
    """
    task = await find_task(reader, principal.workspace_id, reference)
    rows: list[ChangeRow] = []
    if task is not None or parse_number(reference) is None:
        values = {"kind": ["task"], "entity": reference if task is None else task["id"]}
        rows = await _list_changes(reader, principal, values, before=before, limit=limit)
    if task is None and not rows:
        raise NotFoundError(f"There is no task {reference} in this workspace.")
    return rows


async def find_names(
    reader: Reader,
    principal: Principal,
    rows: Iterable[ChangeRow],
    entities: tuple[Entity[Any], ...] = ENTITIES,
) -> dict[str, EntityNameRow]:
    """Return, by id, the kind, name and number of the entities that changes refer to.

    The names are for display. Deleted entities and those that the user does not see are missing.
    Sessions have no name, and only tasks have a number. All entities are read in one statement.
    """
    kinds = (*(entity.kind for entity in entities), *_OTHER_KINDS)
    ids_by_kind: dict[str, set[str]] = {kind: set() for kind in kinds}
    for row in rows:
        for kind, id_ in _list_referred(row):
            ids_by_kind[kind].add(id_)
    values: dict[str, Any] = {f"{kind}_ids": sorted(ids) for kind, ids in ids_by_kind.items()}
    ids = {"workspace_id": principal.workspace_id, "viewer_id": principal.user_id}
    found = await reader.fetch_all(_build_list_names(entities), {**ids, **values})
    return {row["id"]: row for row in found}


def _list_referred(row: ChangeRow) -> Iterator[tuple[str, str]]:
    """Yield the kind and id of each entity that a change refers to."""
    yield "user" if row["kind"] == "member" else row["kind"], row["entity_id"]
    if row["user_id"] is not None:
        yield "user", row["user_id"]
    if row["credential_id"] is not None:
        yield "session", row["credential_id"]
        yield "api_token", row["credential_id"]
    for field, kind in REFERENCED_KINDS.items():
        for value in row["fields"].get(field, ()):
            for id_ in list_referred_ids(value):
                yield kind, id_
