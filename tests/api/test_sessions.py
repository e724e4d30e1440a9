"""Sessions: tokens that are renewed, copied, given back, and run out."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import Table, bindparam, delete, select, update

from taskstead.db.database import Database
from taskstead.ids import hash_secret
from taskstead.tables.tokens import access_tokens, refresh_tokens, sessions
from tests.api.problems import check_problem
from tests.client import Client

PAST = datetime.now(UTC) - timedelta(seconds=1)


async def expire(database: Database, table: Table, token: str) -> None:
    """Let a token's life end a second ago."""
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


async def is_in(client: Client) -> bool:
    return (await client.get("/auth/me")).status_code == 200


async def test_refreshing_gives_a_new_pair_each_time(client: Client) -> None:
    session = await client.register("ann@example.com")
    tokens = {session.refresh_token, session.headers["Authorization"]}
    for count in range(2, 5):
        session = await refresh(client, session.refresh_token)
        assert await is_in(session)
        tokens |= {session.refresh_token, session.headers["Authorization"]}
        assert len(tokens) == 2 * count


async def test_a_refresh_token_used_twice_ends_its_session_and_no_other(client: Client) -> None:
    first = await client.register("ann@example.com")
    other = await client.log_in("ann@example.com")
    second = await refresh(client, first.refresh_token)
    third = await refresh(client, second.refresh_token)
    copied = await client.post("/auth/refresh", {"refresh_token": first.refresh_token})
    check_problem(copied, 401, "unauthenticated")
    for session in (first, second, third):
        assert not await is_in(session)
        again = await client.post("/auth/refresh", {"refresh_token": session.refresh_token})
        check_problem(again, 401, "unauthenticated")
    assert await is_in(other)
    assert await is_in(await refresh(client, other.refresh_token))


async def test_of_many_uses_at_once_one_wins_and_the_session_ends(client: Client) -> None:
    # Many sessions side by side: that some uses find others half done takes a crowd.
    sessions = [await client.register(f"ann{number}@example.com") for number in range(6)]
    bodies = [{"refresh_token": session.refresh_token} for _ in range(5) for session in sessions]
    answers = await asyncio.gather(*[client.post("/auth/refresh", body) for body in bodies])
    for first in range(len(sessions)):
        uses = answers[first :: len(sessions)]
        assert sorted(answer.status_code for answer in uses) == [200, 401, 401, 401, 401]
        (won,) = [answer for answer in uses if answer.status_code == 200]
        assert not await is_in(client.with_token(won.json()["access_token"]))


async def test_a_session_ends_while_its_token_is_being_used(
    client: Client, database: Database
) -> None:
    session = await client.register("ann@example.com")
    body = {"refresh_token": session.refresh_token}
    async with database.transaction() as transaction:
        await transaction.execute(update(sessions).values(expires_at=bindparam("at")), {"at": PAST})
        using = asyncio.create_task(client.post("/auth/refresh", body))
        # Time to come as far as it can: were it to hold its token by now, each would wait for the
        # other at the next statement.
        await asyncio.sleep(0.2)
        await transaction.execute(delete(sessions), {})
    check_problem(await using, 401, "unauthenticated")


async def test_a_made_up_refresh_token_is_refused(client: Client) -> None:
    for token in ("", "x", "tsr_" + "a" * 43, "tsr_\x00", "ü" * 100):
        answer = await client.post("/auth/refresh", {"refresh_token": token})
        check_problem(answer, 401, "unauthenticated")


async def test_tokens_are_of_no_use_in_each_others_place(client: Client) -> None:
    session = await client.register("ann@example.com")
    assert not await is_in(client.with_token(session.refresh_token))
    access = session.headers["Authorization"].removeprefix("Bearer ")
    answer = await client.post("/auth/refresh", {"refresh_token": access})
    check_problem(answer, 401, "unauthenticated")
    assert await is_in(session)


async def test_an_access_token_runs_out_and_a_refresh_gets_the_next(
    client: Client, database: Database
) -> None:
    session = await client.register("ann@example.com")
    await expire(database, access_tokens, session.headers["Authorization"].split()[1])
    answer = await session.get("/auth/me")
    check_problem(answer, 401, "token_expired")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert await is_in(await refresh(client, session.refresh_token))


async def test_an_expired_refresh_token_is_of_no_use(client: Client, database: Database) -> None:
    session = await client.register("ann@example.com")
    await expire(database, refresh_tokens, session.refresh_token)
    for _ in range(2):
        answer = await client.post("/auth/refresh", {"refresh_token": session.refresh_token})
        check_problem(answer, 401, "token_expired")


async def test_logging_out_ends_this_session_only(client: Client) -> None:
    here = await client.register("ann@example.com")
    there = await client.log_in("ann@example.com")
    renewed = await refresh(client, here.refresh_token)
    assert (await renewed.post("/auth/logout")).status_code == 204
    for session in (here, renewed):
        check_problem(await session.get("/auth/me"), 401, "unauthenticated")
    answer = await client.post("/auth/refresh", {"refresh_token": renewed.refresh_token})
    check_problem(answer, 401, "unauthenticated")
    assert await is_in(there)


async def test_only_hashes_of_tokens_are_kept(client: Client, database: Database) -> None:
    session = await client.register("ann@example.com")
    access = session.headers["Authorization"].split()[1]
    for table, token in ((access_tokens, access), (refresh_tokens, session.refresh_token)):
        (row,) = await database.fetch_all(select(table), {})
        assert row["token_hash"] == hash_secret(token)
        assert len(row["token_hash"]) == 32
        assert token not in repr(row)
    (row,) = await database.fetch_all(select(sessions), {})
    assert row["expires_at"] - row["created_at"] == timedelta(days=30)


async def test_the_challenge_says_what_is_wrong(client: Client) -> None:
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


async def test_the_scheme_is_read_in_any_case(client: Client) -> None:
    session = await client.register("ann@example.com")
    token = session.headers["Authorization"].split()[1]
    for scheme in ("bearer", "BEARER"):
        headers = {"Authorization": f"{scheme} {token}"}
        assert (await client.get("/auth/me", headers=headers)).status_code == 200
