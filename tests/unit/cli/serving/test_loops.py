"""Event loop of a server process: it accepts many connections per iteration."""

import asyncio
import contextlib
import errno
import itertools
import socket
from collections.abc import Iterator

import pytest

from taskstead.cli.serving.loops import MAX_ACCEPTS_PER_ITERATION, Acceptor, make_loop

CLIENTS = 200
SECONDS = 60


class Greeter(asyncio.Protocol):
    """A protocol that sends a greeting to each connection and closes it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Send the greeting."""
        transport.write(b"hello")
        transport.close()


class Listener(socket.socket):
    """A listening socket that counts accepted connections and can fail on request."""

    accepted = 0
    errors: list[OSError]

    def accept(self) -> tuple[socket.socket, object]:
        """Accept a connection."""
        if self.errors:
            raise self.errors.pop(0)
        found = super().accept()
        self.accepted += 1
        return found


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A listening socket."""
    with Listener() as listener:
        listener.errors = []
        listener.bind(("127.0.0.1", 0))
        listener.listen(CLIENTS)
        yield listener


def connect(listener: socket.socket, stack: contextlib.ExitStack) -> socket.socket:
    """Connect, and wait in the socket's backlog."""
    return stack.enter_context(socket.create_connection(listener.getsockname(), SECONDS))


def test_queued_connections_are_accepted_in_few_iterations(listener: Listener) -> None:
    async def serve() -> list[int]:
        loop = asyncio.get_running_loop()
        with contextlib.ExitStack() as stack:
            clients = [connect(listener, stack) for _ in range(CLIENTS)]
            server = await loop.create_server(Greeter, sock=listener)
            counts = [0]
            while counts[-1] < CLIENTS:
                await asyncio.sleep(0)
                if listener.accepted > counts[-1]:
                    counts.append(listener.accepted)
            greetings = [await asyncio.to_thread(client.recv, 5) for client in clients]
            assert greetings == [b"hello"] * CLIENTS
            server.close()
            await server.wait_closed()
        return counts

    with asyncio.Runner(loop_factory=make_loop) as runner:
        counts = runner.run(serve())
    steps = [after - before for before, after in itertools.pairwise(counts)]
    assert max(steps) <= MAX_ACCEPTS_PER_ITERATION
    assert len(steps) <= CLIENTS // MAX_ACCEPTS_PER_ITERATION + 1


def test_no_connection_is_accepted_after_the_end(listener: Listener) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Greeter, sock=listener)
        server.close()
        await server.wait_closed()
        with contextlib.ExitStack() as stack:
            connect(listener, stack)
            for _ in range(10):
                await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(serve())
    assert listener.accepted == 0


def test_accepting_resumes_when_files_can_be_opened_again(
    listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    listener.errors = [
        ConnectionAbortedError(errno.ECONNABORTED, "aborted"),
        OSError(errno.EMFILE, "Too many open files"),
    ]

    async def serve() -> None:
        server = Acceptor(asyncio.get_running_loop(), listener, Greeter)
        with contextlib.ExitStack() as stack:
            client = connect(listener, stack)
            assert await asyncio.to_thread(client.recv, 5) == b"hello"
        server.close()
        await server.wait_closed()

    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(serve())
    assert [record.getMessage() for record in caplog.records] == ["No connection can be accepted."]
