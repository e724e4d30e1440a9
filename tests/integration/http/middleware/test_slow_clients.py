"""Timeouts of slow clients, over real sockets with timeouts of a fraction of a second."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from uvicorn.server import ServerState

from taskstead.cli.serving.protocol import BoundedConfig, BoundedProtocol
from taskstead.http.middleware.request_limits import MAX_HEADERS
from tests.harness.client import Client

pytestmark = pytest.mark.engines("sqlite")

TIMEOUT = 0.3
TASKS = b"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


@asynccontextmanager
async def listening(
    app: FastAPI, *, seconds: float = TIMEOUT, idle_seconds: int = 60
) -> AsyncIterator[int]:
    """Serve the application as `taskstead serve` does. Yield the port."""
    config = BoundedConfig(
        app,
        client_seconds=seconds,
        log_config=None,
        ws="none",
        timeout_keep_alive=idle_seconds,
    )
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: BoundedProtocol(config, state, {}), "127.0.0.1", 0
    )
    async with server:
        yield server.sockets[0].getsockname()[1]
        for connection in list(state.connections):
            connection.transport.abort()


@pytest.fixture
async def port(app: FastAPI) -> AsyncIterator[int]:
    async with listening(app) as number:
        yield number


async def connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port)


async def read_all(reader: asyncio.StreamReader) -> bytes:
    """Read to the end, including data that arrives before a reset."""
    response = b""
    with suppress(ConnectionError):
        while piece := await reader.read(10_000):
            response += piece
    return response


async def send_slowly(port: int, *first: bytes, pause: float = 0.02) -> bytes:
    """Send some bytes, then one byte at a time until the server closes. Return its response."""
    reader, writer = await connect(port)
    writer.write(b"".join(first))
    reading = asyncio.create_task(read_all(reader))
    async with asyncio.timeout(60):
        while not reading.done():
            writer.write(b"x")
            await asyncio.wait([reading], timeout=pause)
    writer.close()
    return await reading


def check_rejection(response: bytes, status: int, code: str) -> None:
    head, _, body = response.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), response[:200]
    assert b"content-type: application/problem+json" in head
    problem = json.loads(body)
    assert (problem["status"], problem["code"]) == (status, code)
    assert b"x-request-id: %b\r\n" % problem["request_id"].encode() in head


async def test_head_that_does_not_end_times_out(port: int) -> None:
    check_rejection(await send_slowly(port, b"GET / HTTP/1.1\r\nX-"), 408, "request_timed_out")
    check_rejection(await send_slowly(port, b"GET /"), 408, "request_timed_out")


async def test_body_that_does_not_end_times_out(
    port: int, owner: Client, caplog: pytest.LogCaptureFixture
) -> None:
    token = owner.headers["Authorization"].encode()
    head = TASKS + b"Authorization: " + token + b"\r\n"
    known = await send_slowly(port, head, b'Content-Length: 1000\r\n\r\n{"title": "')
    check_rejection(known, 408, "request_timed_out")
    # With `Expect`, the application asks for the body first.
    asked = await send_slowly(port, head, b"Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n")
    check_rejection(asked.partition(b"\r\n\r\n")[2], 408, "request_timed_out")
    assert (await owner.get("/api/v1/tasks")).json()["items"] == []
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_client_that_sends_nothing_times_out(port: int) -> None:
    reader, writer = await connect(port)
    async with asyncio.timeout(60):
        assert await reader.read() == b""
    writer.close()


async def test_client_that_sends_only_empty_lines_times_out(app: FastAPI) -> None:
    # Empty lines between requests do not count as a request (RFC 9112, section 2.2).
    async with listening(app, idle_seconds=1) as port, asyncio.timeout(60):
        reader, writer = await connect(port)
        writer.write(LIVE)
        answer = await reader.readuntil(b'{"status":"ok"}')
        assert answer.startswith(b"HTTP/1.1 200 ")
        reading = asyncio.create_task(read_all(reader))
        while not reading.done():
            writer.write(b"\r\n")
            await asyncio.wait([reading], timeout=0.02)
        writer.close()


async def test_blocked_server_does_not_time_out_the_client(port: int) -> None:
    reader, writer = await connect(port)
    writer.write(LIVE[:10])
    await asyncio.sleep(TIMEOUT / 10)
    time.sleep(2 * TIMEOUT)  # noqa: ASYNC251 - blocks the loop deliberately
    await asyncio.sleep(TIMEOUT / 10)
    writer.write(LIVE[10:])
    async with asyncio.timeout(60):
        assert b" 200 OK" in await reader.readuntil(b'{"status":"ok"}')
    writer.close()


async def test_rejected_body_does_not_keep_the_connection_open(port: int) -> None:
    response = await send_slowly(port, TASKS + b"Content-Length: 1000\r\n\r\n")
    assert response.startswith(b"HTTP/1.1 401 ") or b" 408 " in response


LINES = b"".join(b"X-%d: x\r\n" % number for number in range(MAX_HEADERS + 1))


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nX-Large: " + b"x" * 60_000,
        b"GET / HTTP/1.1\r\n" + LINES + b"\r\n",
    ],
    ids=["endless", "many lines"],
)
async def test_oversized_head_is_rejected(port: int, head: bytes) -> None:
    reader, writer = await connect(port)
    writer.write(head)
    check_rejection(await read_all(reader), 431, "headers_too_large")
    writer.close()


async def test_malformed_head_is_rejected(port: int) -> None:
    reader, writer = await connect(port)
    writer.write(b"this is not HTTP\r\n\r\n")
    response = await read_all(reader)
    check_rejection(response, 400, "malformed_request")
    assert b"Check the method, the URL, the headers" in response
    writer.close()


async def test_large_body_in_one_segment_is_no_large_head(port: int) -> None:
    reader, writer = await connect(port)
    body = b" " * 200_000
    writer.write(TASKS + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    # The body is not JSON. The error shows that it was read as a body.
    assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")
    assert b"malformed_request" in await reader.readuntil(b"}")
    writer.close()


async def test_client_that_does_not_read_the_response_times_out(app: FastAPI, port: int) -> None:
    is_over = asyncio.Event()

    async def stream_much() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 100_000
                await asyncio.sleep(0)
        finally:
            is_over.set()

    async def stream() -> Response:
        return StreamingResponse(stream_much())

    app.add_api_route("/test/much", stream, response_model=None)
    _, writer = await connect(port)
    writer.write(b"GET /test/much HTTP/1.1\r\nHost: x\r\n\r\n")
    async with asyncio.timeout(60):
        await is_over.wait()
    writer.transport.abort()


async def test_steady_client_does_not_time_out(app: FastAPI, port: int) -> None:
    """The request and the response take longer than the timeout, but make steady progress."""

    async def think(request: Request) -> Response:
        body = await request.body()
        await asyncio.sleep(2 * TIMEOUT)
        return JSONResponse(len(body))

    app.add_api_route("/test/think", think, methods=["POST"], response_model=None)
    reader, writer = await connect(port)
    writer.write(b"POST /test/think HTTP/1.1\r\nHost: x\r\nContent-Length: 6000\r\n\r\n")
    for _ in range(30):
        writer.write(b"x" * 200)
        await asyncio.sleep(TIMEOUT / 15)
    async with asyncio.timeout(60):
        answer = await reader.readuntil(b"6000")
        assert answer.startswith(b"HTTP/1.1 200 ")
        # The connection accepts another request, and two pipelined ones.
        writer.write(LIVE + LIVE)
        for _ in range(2):
            assert b" 200 OK" in await reader.readuntil(b'{"status":"ok"}')
    writer.close()
