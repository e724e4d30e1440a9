"""Sessions: access and refresh tokens, rotation, replay, logout and expiry."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from sqlalchemy import Table, bindparam, delete, select, update

from taskstead.db.database import Database
from taskstead.ids import hash_secret
from taskstead.tables.tokens import access_tokens, refresh_tokens, sessions
from tests.harness.client import Client
from tests.harness.problems import check_problem
from tests.harness.untyped import untyped

pytestmark = pytest.mark.balanced

PAST = datetime.now(UTC) - timedelta(seconds=1)


async def expire(database: Database, table: Table, token: str) -> None:
    """Set the expiry time of a token to a second ago."""
    statement = update(table).where(table.c.token_hash == bindparam("hash"))
    async with database.transaction() as transaction:
        await transaction.execute(
            statement.values(expires_at=bindparam("at")), {"hash": hash_secret(token), "at": PAST}
        )


async def refresh(client: Client, token: str) -> Client:
    answer = await client.post("/auth/refresh", {"refresh_token": token})
    assert answer.status_code == 200, answer.text
    renewed = client.with_token(answer.json()["access_token"])
    renewed.refresh_token = answer.json()["refresh_token"]
    return renewed


async def move_use(database: Database, token: str, distance: timedelta) -> None:
    """Move the time at which a refresh token was used."""
    by_hash = refresh_tokens.c.token_hash == bindparam("hash")
    values = {"hash": hash_secret(token)}
    async with database.transaction() as transaction:
        row = await transaction.fetch_one(untyped(select(refresh_tokens).where(by_hash)), values)
        assert row is not None
        await transaction.execute(
            update(refresh_tokens).where(by_hash).values(used_at=bindparam("at")),
            {**values, "at": row["used_at"] + distance},
        )


async def count_tokens(database: Database) -> dict[str, int]:
    """Count the usable refresh tokens, and the stored keys of successors."""
    rows = await database.fetch_all(untyped(select(refresh_tokens)), {})
    unused = [row for row in rows if row["used_at"] is None]
    keys = [row for row in rows if row["successor_key"] is not None]
    return {"unused": len(unused), "keys": len(keys)}


async def is_logged_in(client: Client) -> bool:
    return (await client.get("/auth/me")).status_code == 200


async def test_each_refresh_returns_a_new_pair(client: Client) -> None:
    session = await client.register("ann@example.com")
    tokens = {session.refresh_token, session.headers["Authorization"]}
    for count in range(2, 5):
        session = await refresh(client, session.refresh_token)
        assert await is_logged_in(session)
        tokens |= {session.refresh_token, session.headers["Authorization"]}
        assert len(tokens) == 2 * count


async def post_refresh(client: Client, token: str) -> httpx2.Response:
    return await client.post("/auth/refresh", {"refresh_token": token})


@pytest.mark.engines("sqlite", "postgresql")
async def test_repeated_refresh_returns_the_same_pair(client: Client, database: Database) -> None:
    first = await client.register("ann@example.com")
    answers = [await post_refresh(client, first.refresh_token)]
    await move_use(database, first.refresh_token, timedelta(seconds=-20))
    answers += [await post_refresh(client, first.refresh_token)]
    one, other = [answer.json() for answer in answers]
    assert (one["access_token"], one["refresh_token"]) == (
        *(other["access_token"], other["refresh_token"]),
    )
    assert 1800 - 30 <= other["expires_in"] <= 1800 - 20 < one["expires_in"], (
        "the remaining lifetime"
    )
    assert answers[1].headers["Cache-Control"] == "no-store"
    assert await is_logged_in(client.with_token(other["access_token"]))
    assert await is_logged_in(await refresh(client, other["refresh_token"]))
    assert await count_tokens(database) == {"unused": 1, "keys": 1}


@pytest.mark.parametrize("seconds", [-31, 31])
async def test_late_reuse_of_a_refresh_token_ends_only_its_session(
    client: Client, database: Database, seconds: int
) -> None:
    first = await client.register("ann@example.com")
    other = await client.log_in("ann@example.com")
    second = await refresh(client, first.refresh_token)
    third = await refresh(client, second.refresh_token)
    await move_use(database, first.refresh_token, timedelta(seconds=seconds))
    copied = await post_refresh(client, first.refresh_token)
    check_problem(copied, 401, "unauthenticated")
    for session in (first, second, third):
        assert not await is_logged_in(session)
        check_problem(await post_refresh(client, session.refresh_token), 401, "unauthenticated")
    assert await is_logged_in(other)
    assert await is_logged_in(await refresh(client, other.refresh_token))


async def test_repeat_after_use_of_the_successor_is_superseded(client: Client) -> None:
    first = await client.register("ann@example.com")
    second = await refresh(client, first.refresh_token)
    third = await refresh(client, second.refresh_token)
    for _ in range(2):
        answer = await post_refresh(client, first.refresh_token)
        check_problem(answer, 401, "refresh_superseded")
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert await is_logged_in(third), "the session continues"
    # The successor of the second token has not been used yet.
    again = await refresh(client, second.refresh_token)
    assert again.refresh_token == third.refresh_token
    assert await is_logged_in(await refresh(client, third.refresh_token))


async def test_repeat_of_an_expired_refresh_token_is_rejected(
    client: Client, database: Database
) -> None:
    session = await client.register("ann@example.com")
    await refresh(client, session.refresh_token)
    await expire(database, refresh_tokens, session.refresh_token)
    check_problem(await post_refresh(client, session.refresh_token), 401, "token_expired")


async def test_repeat_of_a_refresh_after_logout_is_rejected(client: Client) -> None:
    session = await client.register("ann@example.com")
    await refresh(client, session.refresh_token)
    assert (await session.post("/auth/logout")).status_code == 204
    check_problem(await post_refresh(client, session.refresh_token), 401, "unauthenticated")


async def test_repeat_of_a_refresh_by_a_disabled_user_is_rejected(client: Client) -> None:
    admin = await client.register("owner@example.com")
    session = await client.register("ann@example.com")
    ann = (await session.get("/auth/me")).json()["id"]
    await refresh(client, session.refresh_token)
    await admin.patch(f"/api/v1/admin/users/{ann}", {"disabled": True})
    check_problem(await post_refresh(client, session.refresh_token), 401, "unauthenticated")


@pytest.mark.engines("sqlite", "postgresql")
async def test_concurrent_refreshes_return_one_pair(client: Client, database: Database) -> None:
    # Many sessions run in parallel, so that some requests meet others in the middle of a refresh.
    sessions = [await client.register(f"ann{number}@example.com") for number in range(6)]
    tokens = [session.refresh_token for _ in range(5) for session in sessions]
    answers = await asyncio.gather(*[post_refresh(client, token) for token in tokens])
    assert [answer.status_code for answer in answers] == [200] * 30
    pairs = {(answer.json()["access_token"], answer.json()["refresh_token"]) for answer in answers}
    assert len(pairs) == len(sessions)
    for access_token, refresh_token in pairs:
        assert await is_logged_in(client.with_token(access_token))
        assert await is_logged_in(await refresh(client, refresh_token))
    assert await count_tokens(database) == {"unused": 6, "keys": 6}


async def test_successor_cannot_be_derived_from_the_token_alone(
    client: Client, database: Database
) -> None:
    """The key is random for each use. It is deleted once the successor has been used."""
    session = await client.register("ann@example.com")
    tokens = [session.refresh_token]
    keys = set()
    for _ in range(3):
        tokens.append((await refresh(client, tokens[-1])).refresh_token)
        rows = await database.fetch_all(untyped(select(refresh_tokens)), {})
        (used,) = [row for row in rows if row["successor_key"] is not None]
        assert used["token_hash"] == hash_secret(tokens[-2])
        keys.add(used["successor_key"])
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}


@pytest.mark.engines("sqlite", "postgresql")
async def test_session_ends_during_a_refresh(client: Client, database: Database) -> None:
    session = await client.register("ann@example.com")
    body = {"refresh_token": session.refresh_token}
    async with database.transaction() as transaction:
        await transaction.execute(update(sessions).values(expires_at=bindparam("at")), {"at": PAST})
        using = asyncio.create_task(client.post("/auth/refresh", body))
        # Let the refresh run as far as it can. If it held a lock on its token by now, the two would
        # deadlock at the next statement.
        await asyncio.sleep(0.2)
        await transaction.execute(delete(sessions), {})
    check_problem(await using, 401, "unauthenticated")


async def test_forged_refresh_token_is_rejected(client: Client) -> None:
    for token in ("", "x", "tsr_" + "a" * 43, "tsr_\x00", "ü" * 100):
        answer = await client.post("/auth/refresh", {"refresh_token": token})
        check_problem(answer, 401, "unauthenticated")


async def test_token_kinds_are_not_interchangeable(client: Client) -> None:
    session = await client.register("ann@example.com")
    assert not await is_logged_in(client.with_token(session.refresh_token))
    access = session.headers["Authorization"].removeprefix("Bearer ")
    answer = await client.post("/auth/refresh", {"refresh_token": access})
    check_problem(answer, 401, "unauthenticated")
    assert await is_logged_in(session)


async def test_expired_access_token_is_renewed_by_a_refresh(
    client: Client, database: Database
) -> None:
    session = await client.register("ann@example.com")
    await expire(database, access_tokens, session.headers["Authorization"].split()[1])
    answer = await session.get("/auth/me")
    check_problem(answer, 401, "token_expired")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert await is_logged_in(await refresh(client, session.refresh_token))


async def test_expired_refresh_token_is_rejected(client: Client, database: Database) -> None:
    session = await client.register("ann@example.com")
    await expire(database, refresh_tokens, session.refresh_token)
    for _ in range(2):
        answer = await client.post("/auth/refresh", {"refresh_token": session.refresh_token})
        check_problem(answer, 401, "token_expired")


async def test_logout_ends_only_this_session(client: Client) -> None:
    here = await client.register("ann@example.com")
    there = await client.log_in("ann@example.com")
    renewed = await refresh(client, here.refresh_token)
    assert (await renewed.post("/auth/logout")).status_code == 204
    for session in (here, renewed):
        check_problem(await session.get("/auth/me"), 401, "unauthenticated")
    answer = await client.post("/auth/refresh", {"refresh_token": renewed.refresh_token})
    check_problem(answer, 401, "unauthenticated")
    assert await is_logged_in(there)


async def test_only_hashes_of_tokens_are_stored(client: Client, database: Database) -> None:
    session = await client.register("ann@example.com")
    access = session.headers["Authorization"].split()[1]
    for table, token in ((access_tokens, access), (refresh_tokens, session.refresh_token)):
        (row,) = await database.fetch_all(untyped(select(table)), {})
        assert row["token_hash"] == hash_secret(token)
        assert len(row["token_hash"]) == 32
        assert token not in repr(row)


async def test_session_lasts_thirty_days(client: Client, database: Database) -> None:
    await client.register("ann@example.com")
    (row,) = await database.fetch_all(untyped(select(sessions)), {})
    assert row["expires_at"] - row["created_at"] == timedelta(days=30)


async def test_challenge_states_the_error(client: Client) -> None:
    for header, error in (
        ("", None),
        ("Bearer", "invalid_request"),
        ("Basic YTpi", "invalid_request"),
        ("Bearer nonsense", "invalid_token"),
        ("Bearer tsk_nonsense", "invalid_token"),
        ("bearer \u00fc\u00ff", "invalid_token"),
    ):
        headers = {b"Authorization": header.encode("latin-1")} if header else {}
        answer = await client.http.get("/auth/me", headers=headers)
        check_problem(answer, 401, "unauthenticated")
        challenge = answer.headers["WWW-Authenticate"]
        assert challenge.startswith('Bearer realm="taskstead"')
        assert ("error=" in challenge) is (error is not None)
        assert error is None or f'error="{error}"' in challenge


async def test_scheme_is_case_insensitive(client: Client) -> None:
    session = await client.register("ann@example.com")
    token = session.headers["Authorization"].split()[1]
    for scheme in ("bearer", "BEARER"):
        headers = {"Authorization": f"{scheme} {token}"}
        assert (await client.get("/auth/me", headers=headers)).status_code == 200
