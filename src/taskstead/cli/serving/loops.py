"""The event loop of a server process: uvloop, if installed, with faster accepting.

uvloop accepts one connection per iteration of the loop. Under load an iteration takes milliseconds.
If many clients connect at the same time, the last one would therefore wait for seconds. asyncio's
own loop, like the acceptor of this module, accepts many connections per iteration.
"""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable

# The number is limited so that one process does not accept all connections of a socket that several
# processes share.
MAX_ACCEPTS_PER_ITERATION = 32
# Pause when there are no free file descriptors. Until a connection is closed, accepting would fail.
_PAUSE_SECONDS = 1.0
_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

MakeProtocol = Callable[[], asyncio.Protocol]

logger = logging.getLogger("taskstead.server")


def make_loop() -> asyncio.AbstractEventLoop:
    """Create the event loop of a server process."""
    try:
        import uvloop  # noqa: PLC0415 - not available on every platform
    except ImportError:
        return asyncio.new_event_loop()

    class Loop(uvloop.Loop):
        """A uvloop event loop that accepts connections with :class:`Acceptor`."""

        async def create_server(  # type: ignore[override]
            self, make_protocol: MakeProtocol, *, sock: socket.socket, **options: object
        ) -> "Acceptor":
            """Accept connections on a listening socket until the acceptor is closed."""
            del options  # for TLS and listening, which the server does not use
            return Acceptor(self, sock, make_protocol)

    return Loop()


class Acceptor:
    """Accepts the pending connections of a socket, many per iteration of the event loop.

    It has the methods of ``asyncio.Server`` that uvicorn uses.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, listener: socket.socket, make_protocol: MakeProtocol
    ) -> None:
        self.sockets = [listener]
        self._loop = loop
        self._listener = listener
        self._make_protocol = make_protocol
        self._connecting: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        listener.settimeout(0)
        loop.add_reader(listener, self._accept)

    def close(self) -> None:
        """Stop accepting. Accepted connections stay open."""
        self._loop.remove_reader(self._listener)
        if self._pause is not None:
            self._pause.cancel()

    async def wait_closed(self) -> None:
        """Wait until every accepted connection has its protocol object."""
        if self._connecting:
            await asyncio.wait(self._connecting)

    def _accept(self) -> None:
        for _ in range(MAX_ACCEPTS_PER_ITERATION):
            try:
                connection, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionAbortedError:
                continue
            except OSError as error:
                if error.errno not in _EXHAUSTED:
                    raise
                self._pause_accepting(error)
                return
            connecting = self._loop.create_task(self._connect(connection))
            self._connecting.add(connecting)
            connecting.add_done_callback(self._connecting.discard)

    async def _connect(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(0)
            await self._loop.connect_accepted_socket(self._make_protocol, connection)
        except OSError:
            # The client disconnected before its protocol object was created.
            connection.close()

    def _pause_accepting(self, error: OSError) -> None:
        reason = error.strerror
        logger.warning("No connection can be accepted.", extra={"reason": reason})
        self._loop.remove_reader(self._listener)
        self._pause = self._loop.call_later(
            _PAUSE_SECONDS, self._loop.add_reader, self._listener, self._accept
        )
