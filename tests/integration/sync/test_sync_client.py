"""The example sync client with a real server: lost connections, revoked tokens and conflicts."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from examples.sync_client import (
    RetryLaterError,
    SyncStoppedError,
    WorkspaceCopy,
    keep_in_sync,
)
from taskstead.ids import make_id
from tests.harness.client import PASSWORD
from tests.system.durability.servers import ServerProcess

SECONDS = 120.0
TASKS = "/api/v1/tasks"


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(database_url, tmp_path)
    try:
        process.start()
        yield process
    finally:
        process.kill()


class Account:
    """An account with an API token, used over HTTP only."""

    def __init__(self, url: str) -> None:
        self._http = httpx2.Client(base_url=url, timeout=SECONDS, trust_env=False)
        body = {"email": "ann@example.com", "password": PASSWORD}
        access = self.request("POST", "/auth/register", body)["access_token"]
        self._http.headers["Authorization"] = f"Bearer {access}"
        scopes = ["tasks:read", "tasks:write"]
        made = self.request("POST", "/api/v1/tokens", {"name": "phone", "scopes": scopes})
        self.token, self.token_id = made["token"], made["id"]

    def close(self) -> None:
        self._http.close()

    def request(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._http.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def list_titles(self) -> list[str]:
        items = self.request("GET", f"{TASKS}?sort=position")["items"]
        return [item["title"] for item in items]


@pytest.fixture
def account(server: ServerProcess) -> Iterator[Account]:
    with closing(Account(server.url)) as account:
        yield account


@pytest.fixture
def copy(server: ServerProcess, account: Account, tmp_path: Path) -> WorkspaceCopy:
    return WorkspaceCopy(server.url, account.token, str(tmp_path / "copy.json"))


def read_response(upstream: socket.socket) -> bytes:
    """Read a response that ends with its connection."""
    content = b""
    while chunk := upstream.recv(65536):
        content += chunk
    return content


def relay(client: socket.socket, port: int, how: str) -> None:
    """Forward one request to the server and break the connection in the given way."""
    request = client.recv(65536)
    head, _, body = request.partition(b"\r\n\r\n")
    length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while length and len(body) < int(length[0].split(b":")[1]):
        body += client.recv(65536)
    if how == "before the request is forwarded":
        return
    head = b"\r\n".join(
        line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")
    )
    with socket.create_connection(("127.0.0.1", port), SECONDS) as upstream:
        upstream.sendall(head + b"\r\nConnection: close\r\n\r\n" + body)
        answer = read_response(upstream)
    if how == "before the response":
        return
    if how == "within the response head":
        answer = answer[:10]
    elif how == "within the response body":
        answer = answer[:-1]
    elif how == "with a captive portal page":
        page = b"<html>Please pay</html>"
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page)
    elif how == "with a 502 from a proxy":
        answer = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\nOops"
    client.sendall(answer)


@contextmanager
def failing_proxy(port: int, how: str) -> Iterator[str]:
    """Run a proxy to the server that breaks every connection. Yield its URL."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                with client:
                    relay(client, port, how)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        # This wakes the thread, which then finds the socket closed.
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(SECONDS)


@pytest.mark.parametrize(
    "how",
    [
        "before the request is forwarded",
        "before the response",
        "within the response head",
        "within the response body",
        "with a captive portal page",
        "with a 502 from a proxy",
    ],
)
def test_broken_connection_sends_each_write_once(
    server: ServerProcess, account: Account, tmp_path: Path, how: str
) -> None:
    file = str(tmp_path / "copy.json")
    port = int(server.url.rpartition(":")[2])
    with failing_proxy(port, how) as url:
        copy = WorkspaceCopy(url, account.token, file)
        copy.write("POST", TASKS, {"title": "Once"})
        for _ in range(2):
            with pytest.raises(RetryLaterError):
                copy.push()
            with pytest.raises(RetryLaterError):
                copy.pull()
    again = WorkspaceCopy(server.url, account.token, file)
    assert len(again.state["outbox"]) == 1
    again.push()
    again.pull()
    assert (again.state["outbox"], again.state["rejected"]) == ([], [])
    assert [row["title"] for row in again.state["rows"]["tasks"].values()] == ["Once"]
    assert account.list_titles() == ["Once"]


class RevokedCopy(WorkspaceCopy):
    """A copy that pulls without waiting. Its token is revoked when it is up to date."""

    account: Account

    def pull(self, wait: int = 0) -> None:
        del wait
        super().pull()
        self.account.request("DELETE", f"/api/v1/tokens/{self.account.token_id}")


def test_client_retries_until_the_server_is_back(
    server: ServerProcess, account: Account, tmp_path: Path
) -> None:
    """``keep_in_sync`` retries with growing pauses after the server was killed."""
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            server.start()

    copy = RevokedCopy(server.url, account.token, str(tmp_path / "copy.json"))
    copy.account = account
    copy.write("POST", TASKS, {"title": "Written while the server was gone"})
    server.kill()
    with pytest.raises(SyncStoppedError):
        keep_in_sync(copy, sleep)
    assert copy.state["outbox"] == []
    assert len(pauses) == 3
    assert pauses[0] <= 2 < pauses[2], "each pause is longer"
    assert account.list_titles() == ["Written while the server was gone"]


def refuse_to_sleep(seconds: float) -> None:
    raise AssertionError(f"it tries again, after {seconds} s")


def test_revoked_token_stops_the_client_with_a_clear_error(
    account: Account, copy: WorkspaceCopy, tmp_path: Path
) -> None:
    copy.pull()
    copy.write("POST", TASKS, {"title": "Kept"})
    account.request("DELETE", f"/api/v1/tokens/{account.token_id}")
    with pytest.raises(SyncStoppedError, match="unknown or was revoked"):
        keep_in_sync(copy, refuse_to_sleep)
    saved = json.loads((tmp_path / "copy.json").read_text())
    assert [write["body"] for write in saved["outbox"]] == [{"title": "Kept"}]


def test_deleted_workspace_stops_the_client(
    server: ServerProcess, account: Account, tmp_path: Path
) -> None:
    file = str(tmp_path / "copy.json")
    copy = WorkspaceCopy(server.url, account.token, file, workspace=make_id())
    with pytest.raises(SyncStoppedError, match="workspace does not exist"):
        keep_in_sync(copy, refuse_to_sleep)


def test_own_writes_after_a_move_are_accepted(account: Account, copy: WorkspaceCopy) -> None:
    """All writes are based on the revision that the user saw before any of them was sent."""
    ids = [account.request("POST", TASKS, {"title": title})["id"] for title in ("One", "Two")]
    copy.pull()
    task = copy.state["rows"]["tasks"][ids[1]]
    path, revision = f"{TASKS}/{ids[1]}", task["revision"]
    copy.write("POST", f"{path}/move", {"to": "start"}, revision)
    copy.write("PATCH", path, {"title": "First"}, revision)
    copy.write("PATCH", f"{TASKS}/{task['number']}", {"priority": 1}, revision)
    copy.write("POST", f"{path}/move", {"to": "end"}, revision)
    copy.write("PATCH", path, {"title": "Last"}, revision)
    copy.push()
    assert copy.state["rejected"] == []
    assert account.list_titles() == ["One", "Last"]


def test_changes_of_others_are_not_overwritten(account: Account, copy: WorkspaceCopy) -> None:
    ids = [account.request("POST", TASKS, {"title": title})["id"] for title in ("One", "Two")]
    copy.pull()
    for id_ in ids:
        revision = copy.state["rows"]["tasks"][id_]["revision"]
        copy.write("PATCH", f"{TASKS}/{id_}", {"title": "Mine"}, revision)
    account.request("PATCH", f"{TASKS}/{ids[0]}", {"title": "Theirs"})
    copy.push()
    (refused,) = copy.state["rejected"]
    assert refused["problem"]["code"] == "revision_mismatch"
    assert account.list_titles() == ["Theirs", "Mine"]
