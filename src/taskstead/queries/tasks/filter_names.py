"""Names in filters: the members they stand for, and warnings about names that do not exist."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict

from sqlalchemy import BigInteger, String, bindparam, cast, literal, null, or_, select, union_all

from taskstead.db.database import Reader
from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.query import Query
from taskstead.db.sql.types import Id
from taskstead.domain.filters.nodes import FilterWarning, NameCondition, TextCondition
from taskstead.domain.filters.parser import parse_filter
from taskstead.domain.filters.tree import list_conditions
from taskstead.domain.names import make_name_key
from taskstead.domain.search_query import split_words
from taskstead.ids import find_id, parse_number
from taskstead.tables.labels.categories import categories
from taskstead.tables.labels.tags import tags
from taskstead.tables.tasks import tasks
from taskstead.tables.users import users
from taskstead.tables.workspaces import members

Members = Mapping[str, Sequence[str]]
"""The ids of members by the case-folded name, the e-mail address and the id."""


class _MemberRow(TypedDict):
    """The id, the name and the e-mail address of a member."""

    id: str
    name: str
    email: str


class _NamedRow(TypedDict):
    """A category, tag or task that a filter may name. A task has a number instead of a name."""

    kind: str
    id: str
    name: str | None
    number: int | None


_WORKSPACE = bindparam("workspace_id", type_=Id)
_LIST_MEMBERS = Query(
    _MemberRow,
    select(users.c.id, users.c.name, users.c.email)
    .join(members, members.c.user_id == users.c.id)
    .where(members.c.workspace_id == _WORKSPACE),
)
_NO_NUMBER = cast(null(), BigInteger).label("number")
_LIST_NAMED = Query(
    _NamedRow,
    union_all(
        select(
            literal("category").label("kind"),
            categories.c.id,
            categories.c.name_key.label("name"),
            _NO_NUMBER,
        ).where(
            categories.c.workspace_id == _WORKSPACE,
            or_(
                is_any_of(categories.c.name_key, "category_keys"),
                is_any_of(categories.c.id, "category_ids"),
            ),
        ),
        select(literal("tag"), tags.c.id, tags.c.name_key, _NO_NUMBER).where(
            tags.c.workspace_id == _WORKSPACE,
            tags.c.deleted_at.is_(None),
            is_any_of(tags.c.name_key, "tag_keys"),
        ),
        select(literal("parent"), tasks.c.id, cast(null(), String), tasks.c.number).where(
            tasks.c.workspace_id == _WORKSPACE, is_any_of(tasks.c.number, "parent_numbers")
        ),
        select(literal("parent"), tasks.c.id, cast(null(), String), tasks.c.number).where(
            tasks.c.workspace_id == _WORKSPACE, is_any_of(tasks.c.id, "parent_ids")
        ),
    ),
)


async def find_members(reader: Reader, workspace_id: str, text: str | None) -> dict[str, list[str]]:
    """Return the ids of the members of a workspace by name, e-mail address and id.

    The result is empty if the filter names no assignee but ``me``.

    Args:
        reader: the database connection to read from.
        workspace_id: the workspace.
        text: the filter, if any.
    """
    wanted = {
        make_name_key(value)
        for condition in _list_name_conditions(text)
        if condition.field == "assignee"
        for value in condition.values
        if value != "me"
    }
    found: dict[str, list[str]] = {}
    if not wanted:
        return found
    for row in await reader.fetch_all(_LIST_MEMBERS, {"workspace_id": workspace_id}):
        keys = (row["name"], row["email"], row["id"], row["id"].replace("-", ""))
        for key in {make_name_key(key) for key in keys} & wanted:
            found.setdefault(key, []).append(row["id"])
    return {key: sorted(ids) for key, ids in sorted(found.items())}


async def list_warnings(
    reader: Reader, workspace_id: str, text: str | None, members: Members
) -> list[FilterWarning]:
    """Return the warnings of a filter: the conditions that match no task.

    Args:
        reader: the database connection to read from.
        workspace_id: the workspace.
        text: the filter, if any.
        members: the result of :func:`find_members`.
    """
    known = await _list_known(reader, workspace_id, text)
    known |= {("assignee", "me"), *(("assignee", key) for key in members)}
    warnings = []
    for condition in list_conditions(parse_filter(text or "").node):
        if isinstance(condition, TextCondition) and not split_words(condition.text):
            message = f'"{condition.text}" contains no letters and no digits, so it finds nothing.'
            warnings.append(FilterWarning("no_words", message, condition.start, condition.end))
        elif isinstance(condition, NameCondition) and condition.field != "status":
            warnings += [
                FilterWarning(
                    f"unknown_{condition.field}",
                    f'There is no {_DESCRIPTIONS[condition.field]} "{value}" in this workspace.',
                    condition.start,
                    condition.end,
                )
                for value in condition.values
                if not known & set(_list_keys(condition.field, value))
            ]
    return warnings


_DESCRIPTIONS = {"category": "category", "tag": "tag", "assignee": "member", "parent": "task"}
_Key = tuple[str, str | int]
"""The kind of a name, and the case-folded name, the id or the number."""


def _list_name_conditions(text: str | None) -> Iterator[NameCondition]:
    for condition in list_conditions(parse_filter(text or "").node):
        if isinstance(condition, NameCondition):
            yield condition


def _list_keys(kind: str, value: str) -> Iterator[_Key]:
    """Yield the keys of the rows that a value can stand for."""
    number = parse_number(value) if kind == "parent" else None
    id_ = find_id(value)
    if number is not None:
        yield kind, number
    if id_ is not None and kind != "tag":
        yield kind, id_
    if kind != "parent":
        yield kind, make_name_key(value)


async def _list_known(reader: Reader, workspace_id: str, text: str | None) -> set[_Key]:
    """Return the keys of the categories, tags and tasks that a filter names and that exist."""
    wanted = {
        key
        for condition in _list_name_conditions(text)
        for value in condition.values
        for key in _list_keys(condition.field, value)
    }
    if not any(kind in ("category", "tag", "parent") for kind, _ in wanted):
        return set()
    texts = {
        kind: sorted(key for of, key in wanted if of == kind and isinstance(key, str))
        for kind in ("category", "tag", "parent")
    }
    parameters = {
        "workspace_id": workspace_id,
        "category_keys": texts["category"],
        "category_ids": [id_ for id_ in texts["category"] if find_id(id_)],
        "tag_keys": texts["tag"],
        "parent_ids": texts["parent"],
        "parent_numbers": sorted(key for _, key in wanted if isinstance(key, int)),
    }
    known: set[_Key] = set()
    for row in await reader.fetch_all(_LIST_NAMED, parameters):
        known.add((row["kind"], row["id"]))
        if row["name"] is not None:
            known.add((row["kind"], row["name"]))
        if row["number"] is not None:
            known.add((row["kind"], row["number"]))
    return known
