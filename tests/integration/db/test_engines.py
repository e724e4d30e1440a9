"""The ``Database`` interface on both engines: statements, transactions, errors.

Stored values are tested in test_values.py, cancellation and concurrency in test_concurrency.py.
"""

import asyncio
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Select,
    Text,
    bindparam,
    column,
    func,
    insert,
    select,
    table,
    text,
)

from taskstead.db.database import (
    Database,
    TransactionFailedError,
    UniqueViolationError,
)
from taskstead.db.factory import open_database
from taskstead.db.sql.statements import POSTGRESQL, SQLITE, compile_statement
from taskstead.db.sql.types import Id
from taskstead.errors import DatabaseBusyError, DatabaseUnavailableError, NotFoundError
from taskstead.ids import make_id
from tests.harness.untyped import untyped
from tests.integration.db.things import (
    ADD,
    COUNT,
    COUNT_PARTS,
    DELETE,
    GET,
    GET_NAMED,
    INSERT_NAMED,
    INSERT_PART,
    LIST_NAMES,
    add_thing,
    count_things,
    list_names,
    make_thing,
    opened,
    parts,
    run_outside,
    things,
    write,
)

pytestmark = pytest.mark.engines("sqlite", "postgresql")

# Counts the sessions that wait for an advisory lock.
COUNT_BLOCKED = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


async def test_fetching(database: Database) -> None:
    assert await database.fetch_one(untyped(GET_NAMED), {"name": "a"}) is None
    assert await database.fetch_all(untyped(LIST_NAMES), {}) == []
    for name in ("b", "a"):
        await add_thing(database, name, 7)
    assert await database.fetch_all(untyped(LIST_NAMES), {}) == [{"name": "a"}, {"name": "b"}]
    assert await database.fetch_one(untyped(LIST_NAMES), {}) == {"name": "a"}
    found = await database.fetch_one(untyped(GET_NAMED), {"name": "b"})
    assert found is not None
    assert list(found) == ["id", "number"]
    assert found["number"] == 7
    async with database.transaction() as transaction:
        assert await transaction.fetch_one(untyped(GET_NAMED), {"name": "c"}) is None
        assert await transaction.fetch_one(untyped(LIST_NAMES), {}) == {"name": "a"}
        assert await transaction.fetch_all(untyped(LIST_NAMES), {}) == [
            {"name": "a"},
            {"name": "b"},
        ]


async def test_execute_returns_the_number_of_changed_rows(database: Database) -> None:
    async with database.transaction() as transaction:
        assert await transaction.execute(INSERT_NAMED, make_thing("a")) == 1
        assert await transaction.execute(INSERT_NAMED, make_thing("b")) == 1
        assert await transaction.execute(ADD, {"called": "a", "more": 1}) == 1
        assert await transaction.execute(ADD, {"called": "none", "more": 1}) == 0
        assert await transaction.execute(DELETE, {"called": "none"}) == 0
        assert await transaction.execute(DELETE, {"called": "b"}) == 1
        everything = ADD.where(GET.selected_columns.id == GET.selected_columns.id)
        assert await transaction.execute(everything, {"called": "a", "more": 1}) == 1
    assert await list_names(database) == ["a"]


async def test_execute_counts_rows_of_a_returning_clause(database: Database) -> None:
    # Not INSERT.returning(): SQLAlchemy would copy the empty result columns cached on INSERT.
    returning = insert(things).returning(things.c.name, things.c.number)
    rest = {"text": None, "key": None, "at": None, "data": None, "flag": None, "hash": None}
    async with database.transaction() as transaction:
        assert await transaction.execute(returning, {**make_thing("a"), **rest}) == 1
        returned = await transaction.fetch_all(untyped(returning), {**make_thing("b", 5), **rest})
        assert returned == [{"name": "b", "number": 5}]
    assert await list_names(database) == ["a", "b"]


@pytest.mark.parametrize("count", [0, 1, 2, 1000])
async def test_execute_many(database: Database, count: int) -> None:
    async with database.transaction() as transaction:
        rows = [make_thing(f"{number:04}", number) for number in range(count)]
        await transaction.execute_many(INSERT_NAMED, rows)
        assert await count_things(transaction) == count
    assert await list_names(database) == [f"{number:04}" for number in range(count)]


@pytest.mark.parametrize("count", [1, 2, 100])
async def test_execute_many_with_a_duplicate_key_changes_nothing(
    database: Database, count: int
) -> None:
    await add_thing(database, "last")
    rows = [make_thing(str(number)) for number in range(count - 1)] + [make_thing("last")]
    with pytest.raises(UniqueViolationError):
        async with database.transaction() as transaction:
            await transaction.execute_many(INSERT_NAMED, rows)
    assert await list_names(database) == ["last"]


async def test_next_statement_sees_rows_of_execute_many(database: Database) -> None:
    rows = [make_thing(name, 1) for name in "abc"]
    for_each = insert(parts).from_select(
        ["id", "thing_id"], select(things.c.id, things.c.id).where(things.c.name == bindparam("of"))
    )
    async with database.transaction() as transaction:
        await transaction.execute_many(INSERT_NAMED, rows[:1])
        assert await count_things(transaction) == 1
        await transaction.execute_many(INSERT_NAMED, rows[1:2])
        assert await transaction.execute(ADD, {"called": "b", "more": 1}) == 1
        await transaction.execute_many(INSERT_NAMED, rows[2:])
        await transaction.execute_many(for_each, [{"of": "a"}, {"of": "c"}])
        parts_count = await transaction.fetch_one(untyped(COUNT_PARTS), {})
        assert parts_count == {"count": 2}
    assert await list_names(database) == ["a", "b", "c"]


async def test_one_row_is_upserted_repeatedly_in_a_transaction(database: Database) -> None:
    thing = make_thing("a")
    put = text(
        "INSERT INTO things (id, name, number) VALUES (:id, :name, :number) "
        "ON CONFLICT (id) DO UPDATE SET number = EXCLUDED.number"
    ).bindparams(bindparam("id", type_=Id), bindparam("name", type_=Text))
    put = put.bindparams(bindparam("number", type_=BigInteger))
    async with database.transaction() as transaction:
        await transaction.execute_many(put, [{**thing, "number": 1}])
        await transaction.execute_many(put, [{**thing, "number": 2}])
        await transaction.execute_many(put, [{**thing, "number": n} for n in (3, 4)])
        await transaction.execute_many(INSERT_NAMED, [make_thing("b")])
        await transaction.execute_many(put, [{**thing, "number": 5}])
    assert await database.fetch_one(untyped(GET_NAMED), {"name": "a"}) == {
        "id": thing["id"],
        "number": 5,
    }
    assert await list_names(database) == ["a", "b"]


@pytest.mark.parametrize("key", ["id", "name"])
async def test_duplicate_key(database: Database, key: str) -> None:
    thing, other = make_thing("a"), make_thing("b")
    async with database.transaction() as transaction:
        await transaction.execute(INSERT_NAMED, thing)
    for _ in range(2):
        repeated = (INSERT_NAMED, {**other, key: thing[key]})
        with pytest.raises(UniqueViolationError):
            await write(database, (INSERT_NAMED, make_thing("before")), repeated)
    await add_thing(database, "after")
    assert await list_names(database) == ["a", "after"]


async def test_error_rolls_back_and_propagates(database: Database) -> None:
    error = NotFoundError("Not there.")
    with pytest.raises(NotFoundError) as caught:
        await write(database, (INSERT_NAMED, make_thing("a")), error=error)
    assert caught.value is error
    assert await count_things(database) == 0


async def test_error_is_raised_by_the_statement_that_fails(database: Database) -> None:
    await add_thing(database, "a")
    error = NotFoundError("Turned.")

    async def add_twice() -> None:
        async with database.transaction() as transaction:
            await transaction.execute(INSERT_NAMED, make_thing("b"))
            try:
                await transaction.execute(INSERT_NAMED, make_thing("a"))
            except UniqueViolationError:
                raise error from None

    with pytest.raises(NotFoundError):
        await add_twice()
    assert await list_names(database) == ["a"]


@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 20])
async def test_deferred_inserts_are_visible_to_the_next_statement(
    database: Database, count: int
) -> None:
    names = [f"name {number:02d}" for number in range(count)]
    async with database.transaction() as transaction:
        for name in names:
            await transaction.execute_many(INSERT_NAMED, [make_thing(name)])
        assert await count_things(transaction) == count
        await transaction.execute_many(INSERT_NAMED, [make_thing("last")])
    assert await list_names(database) == sorted([*names, "last"])


async def test_deferred_insert_may_fail_at_the_end(database: Database) -> None:
    await add_thing(database, "a")

    async def add_late() -> None:
        async with database.transaction() as transaction:
            await transaction.execute_many(INSERT_NAMED, [make_thing("b")])
            await transaction.execute_many(INSERT_NAMED, [make_thing("a")])

    with pytest.raises(UniqueViolationError):
        await add_late()
    assert await list_names(database) == ["a"]


async def test_swallowed_error_fails_the_transaction(database: Database) -> None:
    # PostgreSQL answers the COMMIT of a failed transaction with a ROLLBACK and no error.
    await add_thing(database, "a")

    async def swallow(*later: str) -> None:
        async with database.transaction() as transaction:
            await transaction.execute(INSERT_NAMED, make_thing("b"))
            with pytest.raises(UniqueViolationError):
                await transaction.execute(INSERT_NAMED, make_thing("a"))
            for name in later:
                await transaction.execute(INSERT_NAMED, make_thing(name))

    for later in ([], ["d"]):
        with pytest.raises(TransactionFailedError):
            await swallow(*later)
    assert await list_names(database) == ["a"]
    await add_thing(database, "e")
    assert await list_names(database) == ["a", "e"]


async def test_programming_errors_are_not_reported_as_outages(database: Database) -> None:
    missing: Select[Any] = select(column("absent")).select_from(table("nowhere"))
    for _ in range(5):
        with pytest.raises(Exception, match="nowhere") as caught:
            await database.fetch_one(untyped(missing), {})
        assert not isinstance(caught.value, DatabaseBusyError | DatabaseUnavailableError)
        with pytest.raises(KeyError, match="name"):
            await database.fetch_one(untyped(GET_NAMED), {})
    with pytest.raises(Exception, match=r"(?i)too large|range") as caught:
        await add_thing(database, "a", 2**64)
    assert not isinstance(caught.value, DatabaseBusyError | DatabaseUnavailableError)
    await add_thing(database, "a")


async def test_transaction_is_unusable_after_its_block(database: Database) -> None:
    async with database.transaction() as transaction:
        pass
    for late in (
        transaction.execute(INSERT_NAMED, make_thing("late")),
        transaction.execute_many(INSERT_NAMED, [make_thing("late")]),
        transaction.fetch_all(untyped(LIST_NAMES), {}),
        transaction.fetch_one(untyped(LIST_NAMES), {}),
    ):
        with pytest.raises(TransactionFailedError):
            await late
    await add_thing(database, "after")
    assert await list_names(database) == ["after"]


async def test_writes_are_invisible_to_others_until_the_commit(
    database: Database, url: str
) -> None:
    count = "SELECT count(*) FROM things"
    async with database.transaction() as transaction:
        await transaction.execute(INSERT_NAMED, make_thing("a"))
        assert await count_things(transaction) == 1
        assert await count_things(database) == 0
        assert await run_outside(url, count) == [(0,)]
    assert await count_things(database) == 1
    assert await run_outside(url, count) == [(1,)]


async def test_foreign_keys_are_checked_at_the_commit(database: Database) -> None:
    thing = make_thing("a")
    part = (INSERT_PART, {"id": make_id(), "thing": thing["id"]})
    with pytest.raises(Exception, match=r"(?i)foreign key|commit|refers to"):
        await write(database, part, (INSERT_NAMED, make_thing("b")))
    await write(database, part, (INSERT_NAMED, thing))
    assert await list_names(database) == ["a"]


async def count_waiting(database: Database, url: str) -> int:
    """Count the transactions that wait for the write lock or for an advisory lock."""
    if database.dialect == "sqlite":
        return database.get_pool_state().waiting
    ((count,),) = await run_outside(url, COUNT_BLOCKED)
    return int(count)


async def test_row_lock_is_held_to_the_end_of_the_transaction(database: Database, url: str) -> None:
    events = []
    has_lock = asyncio.Event()

    async def hold() -> None:
        async with database.transaction() as transaction:
            await transaction.lock(42)
            has_lock.set()
            async with asyncio.timeout(60):
                while await count_waiting(database, url) < 2:  # noqa: ASYNC110 - no event to wait for
                    await asyncio.sleep(0.01)
            events.append("release")

    async def want(key: int) -> None:
        await has_lock.wait()
        async with database.transaction() as transaction:
            await transaction.lock(key)
            await transaction.lock(key)
            events.append(f"got {key}")

    await asyncio.gather(hold(), want(42), want(42))
    assert events == ["release", "got 42", "got 42"]
    await want(42)


async def test_statements_are_counted(database: Database) -> None:
    before = database.meter.statements
    await count_things(database)
    async with database.transaction() as transaction:
        await transaction.execute(INSERT_NAMED, make_thing("a"))
        await transaction.execute_many(INSERT_NAMED, [make_thing("b"), make_thing("c")])
        await transaction.execute_many(INSERT_NAMED, [])
    # With BEGIN and COMMIT.
    assert database.meter.statements == before + 5


async def test_repeated_use_does_not_fill_the_caches(database: Database) -> None:
    prepared = select(func.count().label("count")).select_from(table("pg_prepared_statements"))

    async def use_everything(round_: int) -> int:
        await add_thing(database, str(round_), round_)
        for _ in range(10):
            await asyncio.gather(*(count_things(database) for _ in range(3)))
            await database.fetch_one(untyped(GET_NAMED), {"name": str(round_)})
        if database.dialect == "postgresql":
            row = await database.fetch_one(untyped(prepared), {})
            assert row is not None
            assert row["count"] <= 5
        return compile_statement.cache_info().misses

    _, before = await use_everything(0), await use_everything(1)
    assert [await use_everything(round_) for round_ in range(2, 5)] == [before] * 3


def test_statement_cache_is_bounded() -> None:
    # Clients determine the listings' statements with their filters.
    assert compile_statement.cache_info().maxsize == 1024


def test_statement_is_compiled_once() -> None:
    for dialect in (SQLITE, POSTGRESQL):
        assert compile_statement(COUNT, dialect) is compile_statement(COUNT, dialect)
        assert compile_statement(GET, dialect) is not compile_statement(COUNT, dialect)
    assert compile_statement(GET, SQLITE) is not compile_statement(GET, POSTGRESQL)


async def test_check_and_close(url: str) -> None:
    database = await open_database(url, pool_size=2, wait_seconds=60)
    await database.check()
    await add_thing(database, "a")
    await asyncio.gather(*(database.check() for _ in range(10)))
    await database.close()
    async with opened(url) as again:
        assert await list_names(again) == ["a"]


async def test_unreachable_database(engine: str, tmp_path: object) -> None:
    if engine == "sqlite":
        with pytest.raises(DatabaseUnavailableError, match="cannot be opened"):
            await open_database(f"sqlite:///{tmp_path}", pool_size=1, wait_seconds=1)
        with pytest.raises(DatabaseUnavailableError, match="cannot be opened"):
            await open_database(f"sqlite:///{tmp_path}/no/t.db", pool_size=1, wait_seconds=1)
        return
    # No server listens on port 1.
    async with opened("postgresql://nobody@127.0.0.1:1/nothing") as database:
        for _ in range(4):
            with pytest.raises(DatabaseUnavailableError):
                await database.check()
            with pytest.raises(DatabaseUnavailableError):
                await add_thing(database, "a")
