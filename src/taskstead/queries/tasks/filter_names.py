"""Names in filters: the members they stand for, and warnings about names that do not exist."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple, TypedDict

from sqlalchemy import (
    BigInteger,
    String,
    Text,
    bindparam,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from taskstead.concurrency.cooperative import yield_every
from taskstead.db.database import Reader
from taskstead.db.sql.functions import is_any_of, is_not_ascii
from taskstead.db.sql.query import Query
from taskstead.db.sql.types import Id
from taskstead.domain.filters.nodes import FilterWarning, NameCondition, TextCondition
from taskstead.domain.filters.parser import parse_filter
from taskstead.domain.filters.tree import list_conditions
from taskstead.domain.names import make_name_key
from taskstead.domain.principal import Principal
from taskstead.domain.search_query import split_words
from taskstead.ids import find_id, parse_number
from taskstead.tables.labels.categories import categories
from taskstead.tables.labels.tags import tags
from taskstead.tables.tasks import tasks
from taskstead.tables.users import users
from taskstead.tables.workspaces import members

_MAX_SUGGESTIONS = 3
# Comparing two names takes some 10 microseconds.
_MAX_CANDIDATES = 100
# The scope of the list of members, which contains e-mail addresses.
_ADDRESS_SCOPE = "account:read"

Members = Mapping[str, Sequence[str]]
"""The ids of members by the case-folded name, the e-mail address and the id."""


class _MemberRow(TypedDict):
    """The id, the name and the e-mail address of a member."""

    id: str
    name: str
    email: str


class _CandidateRow(TypedDict):
    """A category or a tag that a filter may mean."""

    kind: str
    name: str
    name_key: str


class _NamedRow(TypedDict):
    """A category, tag or task that a filter may name. A task has a number instead of a name."""

    kind: str
    id: str
    name: str | None
    number: int | None


_WORKSPACE = bindparam("workspace_id", type_=Id)
_SELECT_MEMBERS = (
    select(users.c.id, users.c.name, users.c.email)
    .join(members, members.c.user_id == users.c.id)
    .where(members.c.workspace_id == _WORKSPACE)
)
# Databases fold only ASCII letters in the same way as `make_name_key`. So names and addresses with
# other characters are compared in Python.
_LIST_MEMBERS = Query(
    _MemberRow,
    _SELECT_MEMBERS.where(
        or_(
            is_any_of(func.lower(users.c.name, type_=Text), "keys"),
            is_any_of(users.c.email, "keys"),
            is_any_of(users.c.id, "ids"),
            is_not_ascii(users.c.name),
            is_not_ascii(users.c.email),
        )
    ),
)
_LIST_CANDIDATES = Query(
    _CandidateRow,
    union_all(
        select(literal("category").label("kind"), categories.c.name, categories.c.name_key).where(
            categories.c.workspace_id == _WORKSPACE,
            categories.c.deleted_at.is_(None),
            is_any_of(func.substr(categories.c.name_key, 1, 1, type_=Text), "initials"),
        ),
        select(literal("tag"), tags.c.name, tags.c.name_key).where(
            tags.c.workspace_id == _WORKSPACE,
            tags.c.deleted_at.is_(None),
            is_any_of(func.substr(tags.c.name_key, 1, 1, type_=Text), "initials"),
        ),
    ).limit(bindparam("limit", type_=BigInteger)),
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


async def find_members(
    reader: Reader, principal: Principal, text: str | None
) -> dict[str, list[str]]:
    """Return the ids of the members of a workspace by name, e-mail address and id.

    The result is empty if the filter names no assignee but ``me``. E-mail addresses are found only
    if the principal may read the list of members.

    Args:
        reader: the database connection to read from.
        principal: the user of the request, with the workspace.
        text: the filter, if any.
    """
    wanted = {
        make_name_key(value)
        for condition in _list_name_conditions(text)
        if condition.field == "assignee"
        for value in condition.values
    }
    found: dict[str, list[str]] = {}
    if not wanted:
        return found
    parameters = {
        "workspace_id": principal.workspace_id,
        "keys": sorted(wanted),
        "ids": sorted(id_ for value in wanted if (id_ := find_id(value))),
    }
    can_read_addresses = _ADDRESS_SCOPE in principal.scopes
    rows = await reader.fetch_all(_LIST_MEMBERS, parameters)
    async for row in yield_every(rows):
        keys = [row["name"], row["id"], row["id"].replace("-", "")]
        if can_read_addresses:
            keys.append(row["email"])
        for key in {make_name_key(key) for key in keys} & wanted:
            found.setdefault(key, []).append(row["id"])
    return {key: sorted(ids) for key, ids in sorted(found.items())}


class UnknownName(NamedTuple):
    """A warning, and the name that it is about.

    Attributes:
        kind: ``category``, ``tag``, ``assignee`` or ``parent``; empty for a text without words.
        name: the name as in the filter.
    """

    warning: FilterWarning
    kind: str
    name: str


async def list_warnings(
    reader: Reader, workspace_id: str, text: str | None, members: Members
) -> list[FilterWarning]:
    """Return the warnings of a filter; see :func:`list_unknown_names`."""
    unknown = await list_unknown_names(reader, workspace_id, text, members)
    return [name.warning for name in unknown]


async def list_unknown_names(
    reader: Reader, workspace_id: str, text: str | None, members: Members
) -> list[UnknownName]:
    """Return the names in a filter that do not exist, and the texts without words.

    Args:
        reader: the database connection to read from.
        workspace_id: the workspace.
        text: the filter, if any.
        members: the result of :func:`find_members`.
    """
    known = await _list_known(reader, workspace_id, text)
    known |= {("assignee", key) for key in members}
    unknown = []
    for condition in list_conditions(parse_filter(text or "").node):
        if isinstance(condition, TextCondition) and not split_words(condition.text):
            unknown.append(_make_wordless(condition))
        elif isinstance(condition, NameCondition) and condition.field != "status":
            unknown += [
                _make_unknown(condition, value, text or "")
                for value in condition.values
                if not known & set(_list_keys(condition.field, value))
            ]
    return unknown


def _make_wordless(condition: TextCondition) -> UnknownName:
    message = f'"{condition.text}" contains no letters and no digits, so it finds nothing.'
    warning = FilterWarning("no_words", message, condition.start, condition.end)
    return UnknownName(warning, "", condition.text)


def _make_unknown(condition: NameCondition, name: str, text: str) -> UnknownName:
    message = f'There is no {_DESCRIPTIONS[condition.field]} "{name}" in this workspace.'
    symbol = text[condition.end : condition.end + 1]
    if symbol and symbol in "&|" and condition.field != "parent":
        message += f" If {symbol} belongs to the name, put the name in quotation marks."
    code = f"unknown_{condition.field}"
    warning = FilterWarning(code, message, condition.start, condition.end)
    return UnknownName(warning, condition.field, name)


async def suggest_names(
    reader: Reader, workspace_id: str, unknown: Sequence[UnknownName]
) -> list[tuple[str, ...]]:
    """Return for each unknown name up to three similar names of categories or tags.

    Only names with the same first letter are compared. The first three unknown names get
    suggestions.

    Args:
        reader: the database connection to read from.
        workspace_id: the workspace.
        unknown: the unknown names.
    """
    looked_up = [each for each in unknown if each.kind in ("category", "tag")][:_MAX_SUGGESTIONS]
    if not looked_up:
        return [()] * len(unknown)
    keys = {each: make_name_key(each.name) for each in looked_up}
    parameters = {
        "workspace_id": workspace_id,
        "initials": sorted({key[:1] for key in keys.values()}),
        "limit": _MAX_CANDIDATES,
    }
    candidates: dict[str, dict[str, str]] = {"category": {}, "tag": {}}
    for row in await reader.fetch_all(_LIST_CANDIDATES, parameters):
        candidates[row["kind"]][row["name_key"]] = row["name"]
    return [
        tuple(
            candidates[each.kind][key]
            for key in get_close_matches(keys[each], candidates[each.kind], _MAX_SUGGESTIONS)
        )
        if each in keys
        else ()
        for each in unknown
    ]


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
