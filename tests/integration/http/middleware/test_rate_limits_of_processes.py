"""Rate limits of several server processes: shared with Redis, separate without it."""

import http.client
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.harness.client import PASSWORD
from tests.harness.clock import ManualClock
from tests.harness.servers.valkey import running_valkey
from tests.system.durability.servers import ServerProcess


def send(server: ServerProcess, path: str, body: Any = None, token: str = "") -> tuple[int, Any]:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    method = "GET" if body is None else "POST"
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    found = answer.status, json.load(answer)
    connection.close()
    return found


@pytest.mark.engines("sqlite")
def test_processes_share_limits_while_redis_is_available(database_url: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        valkey = stack.enter_context(running_valkey())
        limits = {
            "rate_limits": "true",
            "rate_limit_reads": "5/day",
            "redis_url": valkey.patient_url,
        }
        servers = [ServerProcess(database_url, tmp_path, **limits) for _ in range(2)]
        for server in servers:
            # A clock that stands still, so that no window begins during the test.
            server.clock = ManualClock()
            stack.callback(server.kill)
            server.start()
        one, two = servers
        account = {"email": "ann@example.com", "password": PASSWORD}
        token = send(one, "/auth/register", account)[1]["access_token"]

        def list_tasks(*asked: ServerProcess) -> list[int]:
            return [send(server, "/api/v1/tasks", token=token)[0] for server in asked]

        assert list_tasks(one, two, one, two, one) == [200] * 5
        assert list_tasks(one, two) == [429, 429]
        valkey.stop()
        for server in servers:
            assert list_tasks(*[server] * 6) == [200] * 5 + [429]
