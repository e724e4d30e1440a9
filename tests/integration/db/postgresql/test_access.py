"""PostgreSQL rejects requests: no connections, missing privileges, read-only transactions."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import pytest

from taskstead.cli.doctor.database import check_server
from taskstead.config.settings import Settings
from taskstead.http.app_state import Server
from tests.harness.client import Client
from tests.harness.settings import make_settings
from tests.integration.db.things import run_outside

pytestmark = pytest.mark.engines("postgresql")

ROLE = "taskstead_limited"
TASKS = "/api/v1/tasks"


@pytest.fixture
async def role(database_url: str) -> AsyncIterator[str]:
    """The name of a role with all privileges that is not a superuser."""
    name = f"{ROLE}_{urlsplit(database_url).path[1:]}"
    await run_outside(
        database_url,
        f"CREATE ROLE {name} LOGIN",
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {name}",
    )
    yield name
    await run_outside(database_url, f"DROP OWNED BY {name}", f"DROP ROLE {name}")


@pytest.fixture
async def settings(database_url: str, role: str) -> Settings:
    """The server connects as that role."""
    parts = urlsplit(database_url)
    place = parts.netloc.rpartition("@")[2]
    return make_settings(urlunsplit(parts._replace(netloc=f"{role}@{place}")), run_worker=False)


async def check_unavailable(client: Client, *calls: tuple[str, str]) -> None:
    """Check that requests and health checks return 503."""
    for method, path in calls:
        body = {"json": {"title": "A task"}} if method == "POST" else {}
        answer = await client.request(method, path, **body)
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    for path in ("/health", "/health/ready"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["status"]) == (503, "unavailable"), answer.text


async def check_doctor(server: Server, settings: Settings, words: str) -> None:
    """Check that `taskstead doctor` reports the problem.

    Other findings of the test server may occur.
    """
    findings = await check_server(server.database, settings)
    assert any(one.level == "problem" and words in one.message for one in findings), findings


async def check_usable(client: Client) -> None:
    assert (await client.get("/health/ready")).status_code == 200
    assert (await client.post(TASKS, {"title": "A task"})).status_code == 201


async def test_revoked_table_privilege(
    owner: Client, server: Server, settings: Settings, database_url: str, role: str
) -> None:
    await run_outside(database_url, f"REVOKE ALL ON tasks FROM {role}")
    await check_unavailable(owner, ("GET", TASKS), ("POST", TASKS))
    await check_doctor(server, settings, "lacks privileges on the table tasks")
    await run_outside(
        database_url, f"GRANT ALL ON tasks TO {role}", f"REVOKE INSERT ON changes FROM {role}"
    )
    await check_unavailable(owner, ("POST", TASKS))
    await run_outside(database_url, f"GRANT ALL ON changes TO {role}")
    await check_usable(owner)


async def test_unreadable_migration_table(owner: Client, database_url: str, role: str) -> None:
    await run_outside(database_url, f"REVOKE ALL ON alembic_version FROM {role}")
    await check_unavailable(owner)
    await run_outside(database_url, f"GRANT SELECT ON alembic_version TO {role}")
    await check_usable(owner)


async def test_database_without_allowed_connections(owner: Client, database_url: str) -> None:
    name = urlsplit(database_url).path[1:]
    elsewhere = urlunsplit(urlsplit(database_url)._replace(path="/postgres"))
    end = f"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = '{name}'"
    await run_outside(elsewhere, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false", end)
    try:
        await check_unavailable(owner, ("GET", TASKS), ("POST", TASKS))
    finally:
        await run_outside(elsewhere, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await check_usable(owner)


async def test_role_without_connect_privilege(owner: Client, database_url: str, role: str) -> None:
    name = urlsplit(database_url).path[1:]
    elsewhere = urlunsplit(urlsplit(database_url)._replace(path="/postgres"))
    end = f"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = '{name}'"
    await run_outside(
        elsewhere, f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC", f"{end} AND usename = '{role}'"
    )
    try:
        await check_unavailable(owner, ("GET", TASKS), ("POST", TASKS))
    finally:
        await run_outside(elsewhere, f"GRANT CONNECT ON DATABASE {name} TO PUBLIC")
    await check_usable(owner)


async def test_read_only_transactions(
    owner: Client, server: Server, settings: Settings, database_url: str, role: str
) -> None:
    end = f"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE usename = '{role}'"
    setting = f"ALTER ROLE {role} {{}} default_transaction_read_only"
    await run_outside(database_url, setting.format("SET") + " = on", end)
    await check_unavailable(owner, ("POST", TASKS))
    assert (await owner.get(TASKS)).status_code == 200
    await check_doctor(server, settings, "read-only")
    await run_outside(database_url, setting.format("RESET"), end)
    await check_usable(owner)
