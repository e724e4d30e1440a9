"""Column types on both engines: stored values are read back unchanged; lists and arrays work."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import bindparam, select

from taskstead.db.database import Database
from taskstead.db.sql.functions import array_of, is_any_of
from taskstead.db.sql.types import Id, Instant
from taskstead.ids import make_id
from tests.harness.client import Client
from tests.harness.untyped import untyped
from tests.integration.db.things import GET, INSERT, INSERT_NAMED, parts, things

pytestmark = pytest.mark.engines("sqlite", "postgresql")

EMPTY: dict[str, Any] = dict.fromkeys(column.name for column in things.c)
TEXTS = [
    "",
    " ",
    "Grüße, 世界",
    "🥛 👩‍👩‍👧‍👦 e\u0301 \u202e",
    'it\'s "quoted" `so` $1 ? :name %s %(x)s',
    "back\\slash \\n \\u0041 \\",
    "tab\tline\nreturn\r\x01\x7f",
    "x" * 100_000,
]
INSTANTS = [
    datetime(2026, 12, 1, 9, 30, 0, 123456, UTC),
    datetime(2026, 12, 1, 9, 30, 0, 0, UTC),
    datetime(2026, 12, 1, 9, 30, 0, 100000, timezone(timedelta(hours=5, minutes=45))),
    datetime(2026, 3, 29, 1, 59, 59, 999999, timezone(timedelta(hours=-11))),
    # asyncpg reads the very first and last ones as infinity.
    datetime(1, 1, 1, microsecond=1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999998, UTC),
]
JSONS = [
    {},
    [],
    "",
    "text 🥛 \\ \" ' \n",
    0,
    -1.5,
    True,
    False,
    {"a": [1, None, {"b": "c"}], "Ärger": [None, "x"], "": {}},
    list(range(1000)),
    2**53,
]


async def store_and_get(database: Database, **values: Any) -> dict[str, Any]:
    thing = {**EMPTY, "id": make_id(), **values}
    async with database.transaction() as transaction:
        await transaction.execute(INSERT, thing)
        inside = await transaction.fetch_one(untyped(GET), {"id": thing["id"]})
    found = await database.fetch_one(untyped(GET), {"id": thing["id"]})
    assert found is not None
    assert found == inside
    assert list(found) == [column.name for column in things.c]
    return found


async def test_null_round_trip(database: Database) -> None:
    found = await store_and_get(database)
    assert {name for name, value in found.items() if value is not None} == {"id"}


async def test_ids_are_returned_as_text(database: Database) -> None:
    for id_ in (make_id(), "00000000-0000-0000-0000-000000000000", "f" * 8 + "-ffff" * 4 + "f" * 8):
        assert (await store_and_get(database, id=id_))["id"] == id_


@pytest.mark.parametrize("name", ["text", "key"])
async def test_text_round_trip(database: Database, name: str) -> None:
    for text in TEXTS:
        assert (await store_and_get(database, **{name: text}))[name] == text


async def test_instants_are_returned_in_utc(database: Database) -> None:
    for at in INSTANTS:
        found = (await store_and_get(database, at=at))["at"]
        assert found == at
        assert found.utcoffset() == timedelta(0)
    in_order = select(things.c.at).order_by(things.c.at)
    assert [row["at"] for row in await database.fetch_all(untyped(in_order), {})] == sorted(
        INSTANTS
    )


async def test_json_round_trip(database: Database) -> None:
    for data in JSONS:
        found = (await store_and_get(database, data=data))["data"]
        assert found == data
        assert type(found) is type(data)


async def test_numbers_booleans_and_bytes_round_trip(database: Database) -> None:
    for number in (0, 1, -1, 2**53 + 1, 2**63 - 1, -(2**63)):
        assert (await store_and_get(database, number=number))["number"] == number
    for flag in (True, False):
        assert (await store_and_get(database, flag=flag))["flag"] is flag
    for hash_ in (b"", bytes(range(256)), b"'\\x00"):
        assert (await store_and_get(database, hash=hash_))["hash"] == hash_


async def test_conditions_on_every_type(database: Database) -> None:
    values: dict[str, Any] = {
        "id": make_id(),
        "text": TEXTS[3],
        "key": "é",
        "at": INSTANTS[2],
        "flag": True,
        "number": 2**62,
        "hash": b"\x00\xff",
    }
    await store_and_get(database)
    await store_and_get(database, **values)
    for name, value in values.items():
        column = things.c[name]
        for statement in (
            select(things.c.id).where(column == bindparam("value", type_=column.type)),
            select(things.c.id).where(column == value),
        ):
            assert await database.fetch_all(untyped(statement), {"value": value}) == [
                {"id": values["id"]}
            ]
    flagged = select(things.c.id).where(things.c.flag)
    assert await database.fetch_all(untyped(flagged), {}) == [{"id": values["id"]}]


async def test_sort_keys_are_compared_bytewise(database: Database) -> None:
    keys = ["", "A", "Z", "_", "a", "a a", "aa", "z", "é", "\uffee", "🥛"]
    for key in reversed(keys):
        await store_and_get(database, key=key)
    in_order = select(things.c.key).order_by(things.c.key)
    assert [row["key"] for row in await database.fetch_all(untyped(in_order), {})] == keys


@pytest.mark.parametrize("count", [0, 1, 2, 5000])
async def test_any_of_a_list(database: Database, count: int) -> None:
    rows = [{"id": make_id(), "name": f"it's \\ 🥛 {n}", "number": n - 1} for n in range(count)]
    async with database.transaction() as transaction:
        await transaction.execute_many(INSERT_NAMED, rows)
        await transaction.execute(
            INSERT_NAMED, {"id": make_id(), "name": "another", "number": -(2**40)}
        )
    for name in ("id", "name", "number"):
        statement = select(things.c.number).where(is_any_of(things.c[name], "wanted"))
        wanted = [row[name] for row in rows]
        found = await database.fetch_all(untyped(statement), {"wanted": wanted})
        assert sorted(row["number"] for row in found) == [row["number"] for row in rows]
        found = await database.fetch_all(untyped(statement), {"wanted": wanted[:3] * 2})
        assert len(found) == min(3, count)


async def test_any_of_a_list_of_instants(database: Database) -> None:
    for at in INSTANTS[:3]:
        await store_and_get(database, at=at)
    statement = select(things.c.at).where(is_any_of(things.c.at, "wanted")).order_by(things.c.at)
    found = await database.fetch_all(untyped(statement), {"wanted": INSTANTS[1:4]})
    assert [row["at"] for row in found] == sorted(INSTANTS[1:3])


async def test_list_in_an_update_and_twice_in_a_statement(database: Database) -> None:
    ids = [(await store_and_get(database, number=number))["id"] for number in range(4)]
    some = things.update().where(is_any_of(things.c.id, "wanted")).values(flag=True)
    async with database.transaction() as transaction:
        assert await transaction.execute(some, {"wanted": ids[:3]}) == 3
    both = select(things.c.number).where(
        is_any_of(things.c.id, "wanted"), is_any_of(things.c.number, "numbers"), things.c.flag
    )
    found = await database.fetch_all(untyped(both), {"wanted": ids, "numbers": [2, 3]})
    assert found == [{"number": 2}]


async def test_arrays_keep_their_order(database: Database) -> None:
    whole, empty = make_id(), make_id()
    numbers = [5, 1, 4, 2, 3]
    async with database.transaction() as transaction:
        await transaction.execute_many(
            INSERT_NAMED,
            [{"id": whole, "name": "a", "number": 1}, {"id": empty, "name": "b", "number": 2}],
        )
        await transaction.execute_many(
            parts.insert(),
            [{"id": make_id(), "thing_id": whole, "number": number} for number in numbers],
        )
    mine = select(parts.c.number).where(parts.c.thing_id == things.c.id)
    ids = select(parts.c.id).where(parts.c.thing_id == things.c.id)
    statement = select(
        things.c.name,
        array_of(mine.order_by(parts.c.number), parts.c.number.type).label("up"),
        array_of(mine.order_by(parts.c.number.desc()), parts.c.number.type).label("down"),
        array_of(ids.order_by(parts.c.id), Id()).label("ids"),
    ).order_by(things.c.number)
    found = await database.fetch_all(untyped(statement), {})
    assert [(row["up"], row["down"]) for row in found] == [
        ([1, 2, 3, 4, 5], [5, 4, 3, 2, 1]),
        ([], []),
    ]
    assert found[0]["ids"] == sorted(found[0]["ids"])
    assert all(isinstance(id_, str) for id_ in found[0]["ids"])


async def test_arrays_of_instants(database: Database) -> None:
    for at in INSTANTS[:3]:
        await store_and_get(database, at=at)
    others = things.alias()
    statement = select(
        array_of(select(others.c.at).order_by(others.c.at), Instant()).label("times")
    ).limit(1)
    found = await database.fetch_one(untyped(statement), {})
    assert found == {"times": sorted(INSTANTS[:3])}


async def test_pagination_over_the_first_and_last_due_dates(owner: Client) -> None:
    # asyncpg reads the very first and last instants as infinity.
    dates = ["0001-01-01", "0001-01-01T00:00:00Z", "2026-12-01", "9999-12-31T23:59:59.999999Z"]
    for date in dates:
        await owner.create_task(title=date, due_date=date)
    for sort, expected in (("due_date", dates), ("-due_date", dates[::-1])):
        cursor: str | None = ""
        found: list[str] = []
        while cursor is not None:
            after = f"&cursor={cursor}" if cursor else ""
            page = await owner.get(f"/api/v1/tasks?sort={sort}&limit=1{after}")
            assert page.status_code == 200, page.text
            found += [task["due_date"] for task in page.json()["items"]]
            cursor = page.json()["next_cursor"]
        assert sorted(found) == sorted(dates)
        assert [date[:4] for date in found] == [date[:4] for date in expected]
