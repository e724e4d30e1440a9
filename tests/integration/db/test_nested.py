"""Nested transactions on both engines: savepoints, and databases joined to a transaction."""

import asyncio

import pytest

from taskstead.db.database import (
    Database,
    Transaction,
    TransactionFailedError,
    UniqueViolationError,
)
from taskstead.db.nested import NestedDatabase
from tests.harness.untyped import untyped
from tests.integration.db.things import (
    GET_NAMED,
    INSERT_NAMED,
    add_thing,
    count_things,
    list_names,
    make_thing,
    write,
)

pytestmark = pytest.mark.engines("sqlite", "postgresql")


async def add(transaction: Transaction, *names: str) -> None:
    await transaction.execute_many(INSERT_NAMED, [make_thing(name) for name in names])


async def run_in_savepoint(
    transaction: Transaction, *names: str, error: Exception | None = None, is_caught: bool = False
) -> None:
    """Add things within a savepoint, with an error if requested."""
    async with transaction.savepoint():
        await add(transaction, *names)
        if error is not None:
            raise error
        if is_caught:
            with pytest.raises(UniqueViolationError):
                await transaction.execute(INSERT_NAMED, make_thing(names[0]))


async def test_error_rolls_back_only_the_savepoint(database: Database) -> None:
    async with database.transaction() as transaction:
        await add(transaction, "before")
        with pytest.raises(ZeroDivisionError):
            await run_in_savepoint(transaction, "undone", error=ZeroDivisionError())
        with pytest.raises(UniqueViolationError):
            await run_in_savepoint(transaction, "undone", "before")
        async with transaction.savepoint():
            await add(transaction, "kept")
            with pytest.raises(UniqueViolationError):
                await run_in_savepoint(transaction, "undone", "kept")
        await add(transaction, "after")
    assert await list_names(database) == ["after", "before", "kept"]


async def test_savepoint_fails_after_a_failed_statement(database: Database) -> None:
    async with database.transaction() as transaction:
        with pytest.raises(TransactionFailedError):
            await run_in_savepoint(transaction, "a", is_caught=True)
        await add(transaction, "b")
    with pytest.raises(TransactionFailedError):
        await run_in_savepoint(transaction, "too late")
    assert await list_names(database) == ["b"]


async def do_and_fail(database: Database) -> None:
    async with database.transaction() as transaction:
        await run_in_savepoint(transaction, "a")
        raise ZeroDivisionError


async def test_rollback_of_the_transaction_includes_savepoints(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        await do_and_fail(database)
    assert await list_names(database) == []


async def test_joined_database_uses_the_transaction(database: Database) -> None:
    async with database.transaction() as transaction:
        joined = NestedDatabase(database, transaction)
        assert joined.dialect == database.dialect
        await joined.check()
        before = joined.meter.statements
        await add_thing(joined, "a")
        with pytest.raises(ZeroDivisionError):
            await write(joined, (INSERT_NAMED, make_thing("b")), error=ZeroDivisionError())
        with pytest.raises(UniqueViolationError):
            await add_thing(joined, "a")
        assert joined.meter.statements == before + 3
        assert await count_things(joined) == 1
        assert await list_names(joined) == ["a"]
        assert await joined.fetch_one(untyped(GET_NAMED), {"name": "b"}) is None
        assert await list_names(database) == []
        await joined.close()
        await transaction.execute(INSERT_NAMED, make_thing("c"))
    assert await list_names(database) == ["a", "c"]


async def test_try_lock_does_not_wait(database: Database) -> None:
    """On SQLite the write lock serves as this lock: a running transaction always has it."""
    has_lock, is_over = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with database.transaction() as transaction:
            assert await transaction.try_lock(42)
            assert await transaction.try_lock(42)
            has_lock.set()
            if database.dialect == "postgresql":
                await is_over.wait()

    holding = asyncio.create_task(hold())
    await has_lock.wait()
    async with database.transaction() as transaction:
        assert await transaction.try_lock(43)
        assert await transaction.try_lock(42) is (database.dialect == "sqlite")
    is_over.set()
    await holding
    async with database.transaction() as transaction:
        assert await transaction.try_lock(42)
