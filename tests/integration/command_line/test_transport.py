"""HTTP of client commands: retries, redirects, and where the token may be sent."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from taskstead.client.addresses import parse_address
from taskstead.client.errors import ClientError, UnreachableError
from taskstead.client.http import Api
from tests.harness.commands import run_command
from tests.harness.scripted_server import (
    DROPPED,
    Answer,
    ScriptedServer,
    running_scripted_server,
)

TASKS = "/api/v1/tasks"
OK = Answer(201, {"number": 1})
BUSY = Answer(503, {"detail": "busy"}, {"Retry-After": "7"})
IN_PROGRESS = Answer(409, {"code": "request_under_way"}, {"Retry-After": "1"})

Start = Callable[..., tuple[ScriptedServer, Api, list[float]]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a server with answers; return it, a client, and the pauses of the client."""
    with ExitStack() as stack:

        def run(*answers: Answer) -> tuple[ScriptedServer, Api, list[float]]:
            server = stack.enter_context(running_scripted_server(*answers))
            pauses: list[float] = []
            api = Api(parse_address(server.url), token="secret", pause=pauses.append)
            return server, stack.enter_context(closing(api)), pauses

        yield run


@pytest.mark.parametrize("failure", [DROPPED, BUSY, Answer(429, {}, {"Retry-After": "30"})])
def test_failed_request_is_repeated(start: Start, failure: Answer) -> None:
    server, api, _ = start(failure, failure, failure, OK)
    assert api.call("POST", TASKS, {"title": "x"}).status == 201
    assert len(server.received) == 4


def test_all_attempts_have_the_same_key_and_body(start: Start) -> None:
    server, api, _ = start(DROPPED, BUSY, OK)
    api.call("POST", TASKS, {"title": "x"})
    assert len({request.headers["Idempotency-Key"] for request in server.received}) == 1
    assert {request.body for request in server.received} == {b'{"title": "x"}'}


def test_second_write_of_a_command_has_another_key(start: Start) -> None:
    server, api, _ = start(OK)
    api.call("POST", TASKS, {"title": "x"})
    api.call("POST", TASKS, {"title": "y"})
    first, second = (request.headers["Idempotency-Key"] for request in server.received)
    assert second == f"{first}-2"


def test_read_has_no_idempotency_key(start: Start) -> None:
    server, api, _ = start(OK)
    api.get(TASKS)
    assert "Idempotency-Key" not in server.received[0].headers


def test_client_waits_as_long_as_the_server_asks(start: Start) -> None:
    _, api, pauses = start(BUSY, OK)
    api.get(TASKS)
    assert pauses == [7]


def test_pauses_after_connection_errors_grow(start: Start) -> None:
    _, api, pauses = start(DROPPED, DROPPED, DROPPED, OK)
    api.get(TASKS)
    assert pauses == [0.25, 0.5, 1.0]


def test_long_wait_is_not_awaited(start: Start) -> None:
    server, api, pauses = start(Answer(429, {"detail": "slow"}, {"Retry-After": "31"}))
    with pytest.raises(ClientError) as raised:
        api.get(TASKS)
    assert (raised.value.exit_code, len(server.received), pauses) == (8, 1, [])


def test_client_gives_up_after_three_retries(start: Start) -> None:
    server, api, _ = start(BUSY)
    with pytest.raises(ClientError) as raised:
        api.get(TASKS)
    assert (raised.value.exit_code, len(server.received)) == (8, 4)


def test_repeated_request_waits_for_the_first_one(start: Start) -> None:
    server, api, _ = start(DROPPED, IN_PROGRESS, OK)
    assert api.call("POST", TASKS, {}).status == 201
    assert len(server.received) == 3


def test_conflict_of_a_first_attempt_is_final(start: Start) -> None:
    server, api, _ = start(IN_PROGRESS)
    with pytest.raises(ClientError) as raised:
        api.call("POST", TASKS, {})
    assert (raised.value.exit_code, len(server.received)) == (6, 1)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_is_not_followed(start: Start, status: int) -> None:
    other, *_ = start(OK)
    server, api, _ = start(Answer(status, {}, {"Location": f"{other.url}/api/v1/tasks"}))
    with pytest.raises(ClientError, match="redirects"):
        api.get(TASKS)
    assert (len(server.received), other.received) == (1, [])


def test_answer_of_another_program_is_reported(start: Start) -> None:
    _, api, _ = start(Answer(200, b"<html>"))
    with pytest.raises(ClientError, match="without a JSON object"):
        api.get(TASKS)


def test_error_without_a_problem_document_is_reported(start: Start) -> None:
    _, api, _ = start(Answer(502, b"<html>"))
    with pytest.raises(ClientError, match="502") as raised:
        api.get(TASKS)
    assert raised.value.exit_code == 1


def test_path_of_the_address_precedes_the_path(start: Start) -> None:
    server, *_ = start(OK)
    with closing(Api(parse_address(f"{server.url}/tasks/"))) as api:
        api.get(TASKS, [("q", "a&b")])
    assert server.received[0].path == "/tasks/api/v1/tasks?q=a%26b"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"5\r\nhe", {"Transfer-Encoding": "chunked", "Connection": "close"}),
        Answer(200, b"he", {"Connection": "close"}, missing_bytes=3),
    ],
    ids=["chunked", "with a length"],
)
def test_aborted_download_is_an_error(start: Start, answer: Answer) -> None:
    _, api, _ = start(answer)
    with pytest.raises(UnreachableError), api.opened(TASKS, [("format", "csv")]) as blocks:
        list(blocks)


def test_token_is_sent_to_private_addresses(start: Start) -> None:
    server, api, _ = start(OK)
    api.get(TASKS)
    assert server.received[0].headers["Authorization"] == "Bearer secret"


def test_all_addresses_of_a_host_are_tried(monkeypatch: pytest.MonkeyPatch, start: Start) -> None:
    server, *_ = start(OK)
    port = parse_address(server.url).port
    addresses = [(socket.AF_INET6, ("::1", port, 0, 0)), (socket.AF_INET, ("127.0.0.1", port))]
    infos = [(family, socket.SOCK_STREAM, 6, "", place) for family, place in addresses]
    look_up = socket.getaddrinfo

    def find(host: str, *arguments: Any, **options: Any) -> Any:
        return infos if host == "localhost" else look_up(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", find)
    with closing(Api(parse_address(f"http://localhost:{port}"))) as api:
        api.get(TASKS)
    assert server.received[0].headers["Host"] == f"localhost:{port}"


def test_refused_connection_is_repeated() -> None:
    pauses: list[float] = []
    with (
        closing(Api(parse_address("http://127.0.0.1:1"), pause=pauses.append)) as api,
        pytest.raises(UnreachableError, match="cannot be reached: Connection refused"),
    ):
        api.get(TASKS)
    assert len(pauses) == 3


@pytest.mark.parametrize("host", ["8.8.8.8", "[2001:4860:4860::8888]", "[::ffff:8.8.8.8]"])
def test_plain_http_to_a_public_host_is_refused(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("TASKSTEAD_URL", f"http://{host}")
    monkeypatch.setenv("TASKSTEAD_TOKEN", "secret")
    result = run_command("list")
    assert result.exit_code == 1
    assert "Use https." in result.stderr


def test_lost_answer_creates_one_task(monkeypatch: pytest.MonkeyPatch, start: Start) -> None:
    server, *_ = start(DROPPED, Answer(201, {"number": 12}))
    monkeypatch.setenv("TASKSTEAD_URL", server.url)
    monkeypatch.setenv("TASKSTEAD_TOKEN", "secret")
    assert run_command("add", "x", "--quiet").stdout == "12\n"
    keys = {request.headers["Idempotency-Key"] for request in server.received}
    assert (len(keys), len(server.received)) == (1, 2)


@pytest.mark.parametrize("command", ["add", "quick"])
def test_text_is_printed_if_it_was_not_saved(
    monkeypatch: pytest.MonkeyPatch, start: Start, command: str
) -> None:
    busy = Answer(503, {"detail": "The server is busy."}, {"Retry-After": "99"})
    server, *_ = start(busy)
    monkeypatch.setenv("TASKSTEAD_URL", server.url)
    monkeypatch.setenv("TASKSTEAD_TOKEN", "secret")
    result = run_command(command, "Buy", "oat", "milk")
    assert (result.exit_code, result.stdout) == (8, "")
    assert result.stderr == "Not saved:\nBuy oat milk\nThe server is busy.\n"
