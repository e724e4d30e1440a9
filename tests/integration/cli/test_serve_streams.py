"""``taskstead serve`` with open event streams: they do not delay the stop."""

import http.client
import re
import signal
from pathlib import Path

import pytest

from tests.harness.commands import PASSWORD, SECONDS, Server, running_server, wait_until

REGISTRATION = {"email": "me@example.com", "password": PASSWORD}
STREAMS = 5

pytestmark = pytest.mark.usefixtures("sqlite_file")


def count_listeners(server: Server, headers: dict[str, str]) -> int:
    """Return the number of open streams and waiting requests in all processes."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
    connection.request("GET", "/metrics", headers=headers)
    metrics = connection.getresponse().read().decode()
    connection.close()
    found = re.findall(r"^taskstead_event_listeners(?:{.*})? (\d+)", metrics, re.MULTILINE)
    return sum(map(int, found))


# Starting several processes takes seconds.
@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.system)])
def test_open_streams_end_with_the_server(folder: Path, workers: str) -> None:
    options = ("--workers", workers, "--database-url", "sqlite:///x.db")
    with running_server(folder / "server", *options, TASKSTEAD_REGISTRATION="open") as server:
        _, tokens = server.request("POST", "/auth/register", REGISTRATION)
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        connections = [
            http.client.HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
            for _ in range(STREAMS)
        ]
        answers = []
        for connection in connections:
            connection.request("GET", "/api/v1/events", headers=headers)
            answer = connection.getresponse()
            assert answer.status == 200
            assert answer.readline().startswith(b"retry:")
            answers.append(answer)
        # One more request waits for changes.
        _, page = server.request("GET", "/api/v1/changes", token=tokens["access_token"])
        waiting = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
        path = f"/api/v1/changes?wait=60&since={page['next']}"
        waiting.request("GET", path, headers=headers)
        wait_until(lambda: count_listeners(server, headers) == STREAMS + 1, "the last to wait")
        server.process.send_signal(signal.SIGTERM)
        # Each response is complete. http.client would raise an error for a truncated one.
        assert all(b"event:" not in answer.read() for answer in answers)
        assert b'"has_more":false' in waiting.getresponse().read()
        # After ten seconds the server would abort the streams and log that.
        assert server.process.wait(SECONDS) == 0
        assert "Cancel" not in server.error_output
        assert "Traceback" not in server.error_output
        for connection in (*connections, waiting):
            connection.close()
