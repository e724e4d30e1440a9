"""Access log and slow statements: one line each, without secrets."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from taskstead.config.settings import Settings
from taskstead.observability.log_format import make_event, render_json_line
from tests.harness.client import PASSWORD, Client
from tests.harness.settings import make_settings

Events = list[dict[str, Any]]

REDOC = "/docs/assets/redoc.standalone.js"


class Collector(logging.Handler):
    """Stores log events, as data and as text."""

    def __init__(self) -> None:
        super().__init__()
        self.events: Events = []
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        event = make_event(record)
        self.events.append(event)
        self.text += render_json_line(event).decode()

    def take(self, event: str = "request") -> Events:
        """Return the events of this name since the last call."""
        found = [entry for entry in self.events if entry["event"] == event]
        self.events.clear()
        return found


@pytest.fixture
def log() -> Iterator[Collector]:
    collector = Collector()
    logger = logging.getLogger("taskstead")
    level = logger.level
    logger.addHandler(collector)
    logger.setLevel(logging.INFO)
    yield collector
    logger.removeHandler(collector)
    logger.setLevel(level)


async def test_each_request_logs_one_line(owner: Client, log: Collector) -> None:
    me = (await owner.get("/auth/me")).json()
    (workspace,) = (await owner.get("/api/v1/workspaces")).json()["items"]
    log.take()
    answer = await owner.post(
        "/api/v1/tasks", {"title": "x"}, headers={"X-Request-ID": "from-the-proxy"}
    )
    (line,) = log.take()
    assert line["duration_ms"] >= line["database_ms"] > 0
    assert line["statements"] >= 3
    for name in ("timestamp", "duration_ms", "database_ms", "statements", "client"):
        assert line.pop(name)
    assert line == {
        "level": "info",
        "logger": "taskstead.access",
        "event": "request",
        "request_id": "from-the-proxy",
        "user_id": me["id"],
        "workspace_id": workspace["id"],
        "method": "POST",
        "route": "/api/v1/tasks",
        "path": "/api/v1/tasks",
        "status": 201,
        "bytes": len(answer.content),
    }


async def test_query_is_not_logged(owner: Client, log: Collector) -> None:
    await owner.get("/api/v1/tasks?q=private")
    assert "private" not in str(log.take())


async def test_routes_are_logged_as_templates(owner: Client, log: Collector) -> None:
    await owner.create_task()
    log.take()
    for path, route, status in (
        ("/api/v1/tasks/1", "/api/v1/tasks/{task}", 200),
        ("/api/v1/tasks/99", "/api/v1/tasks/{task}", 404),
        ("/wp-login.php", "unmatched", 404),
        ("/docs/assets/favicon.png", "/docs/assets", 200),
        ("/docs/assets/nowhere", "/docs/assets", 404),
        (REDOC, REDOC, 200),
        ("/health/live", "/health/live", 200),
    ):
        await owner.get(path)
        (line,) = log.take()
        assert (line["path"], line["route"], line["status"]) == (path, route, status)
    for path, route in (
        ("/docs/assets/favicon.png", "/docs/assets"),
        (REDOC, REDOC),
        ("/api/v1/tasks/1", "/api/v1/tasks/{task}"),
        ("/wp-login.php", "unmatched"),
    ):
        await owner.request("HEAD", path)
        (line,) = log.take()
        assert (line["method"], line["route"]) == ("HEAD", route)
    await owner.request("BREW", "/auth/me")
    (line,) = log.take()
    assert (line["method"], line["route"], line["status"]) == ("BREW", "/auth/me", 405)


async def test_line_names_only_the_known_user_and_workspace(
    owner: Client, client: Client, log: Collector
) -> None:
    log.take()
    await owner.get("/auth/me")
    await client.get("/auth/me")
    known, unknown = log.take()
    assert known["user_id"]
    assert known["workspace_id"] is None
    assert (unknown["user_id"], unknown["workspace_id"], unknown["status"]) == (None, None, 401)


async def test_no_secret_is_logged(
    app: FastAPI, owner: Client, client: Client, log: Collector
) -> None:
    async def fail() -> None:
        secret = PASSWORD  # as a local variable of the server may contain it
        raise RuntimeError(len(secret))

    app.add_api_route("/fail", fail)
    token = owner.headers["Authorization"].removeprefix("Bearer ")
    await client.post("/auth/login", {"email": "owner@example.com", "password": PASSWORD})
    await client.post("/auth/login", {"email": "owner@example.com", "password": "wrong one"})
    await owner.get("/api/v1/tasks?q=private+thoughts")
    await owner.post("/api/v1/tasks", {"title": "private thoughts", "priority": 99})
    await owner.get("/fail")
    assert len(log.take()) >= 5
    assert "RuntimeError" in log.text
    for secret in (token, PASSWORD, "wrong one", "private", "owner@example.com"):
        assert secret not in log.text


class TestSlowStatements:
    """Every statement counts as slow, and only requests run statements."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return make_settings(database_url, slow_query_ms=0.000001, run_worker=False)

    async def test_slow_statements_are_logged_without_values(
        self, owner: Client, log: Collector
    ) -> None:
        log.events.clear()
        log.text = ""
        headers = {"X-Request-ID": "the-slow-one"}
        await owner.post("/api/v1/tasks", {"title": "private thoughts"}, headers=headers)
        slow = log.take("A statement was slow.")
        assert any("INTO tasks" in line["statement"] for line in slow)
        assert any(line["statement"] == "COMMIT" for line in slow)
        assert {line["request_id"] for line in slow} == {"the-slow-one"}
        assert all(line["duration_ms"] >= 0 for line in slow)
        assert "private thoughts" not in log.text


class TestUsualStatements:
    """No statement takes a minute, however busy the machine is."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return make_settings(database_url, slow_query_ms=60_000)

    async def test_usual_statements_are_not_logged_as_slow(
        self, owner: Client, log: Collector
    ) -> None:
        await owner.create_task()
        assert log.take("A statement was slow.") == []
