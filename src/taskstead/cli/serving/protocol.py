"""A uvicorn protocol that times out slow clients and limits the size of request headers.

Limits that ASGI middleware can enforce are in ``http/middleware/request_limits.py``. The head of a
request is its request line and headers.
"""

import asyncio
import selectors
from enum import Enum, auto
from http import HTTPStatus
from typing import Any

import msgspec
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from taskstead.clock import get_now
from taskstead.errors import (
    HeadersTooLargeError,
    MalformedRequestError,
    RequestTimedOutError,
    TasksteadError,
)
from taskstead.http.middleware.request_context import REQUEST_ID_HEADER
from taskstead.http.middleware.request_limits import MAX_HEADER_BYTES, MAX_HEADERS, MAX_TARGET_BYTES
from taskstead.http.responses.error_mapping import get_status
from taskstead.http.responses.problem_details import MEDIA_TYPE, make_problem
from taskstead.ids import make_id

# Each time this many bytes of a body are received, its time limit increases by one second.
SLOWEST_BYTES_PER_SECOND = 500
_MAX_HEAD_BYTES = MAX_TARGET_BYTES + MAX_HEADER_BYTES
_NOT_HTTP = (
    "The request is not valid HTTP/1.1. Check the method, the URL, the headers and the body's "
    "length. This server does not support HTTPS; use a reverse proxy for it."
)
# Number of checks per time limit. A timeout is thus detected late by at most a quarter of the
# limit.
_CHECKS_PER_LIMIT = 4
_MAX_CHECK_INTERVAL = 5.0
# Delay before retrying to close an idle connection that has unread data.
_RETRY_CLOSE_SECONDS = 0.01


class BoundedConfig(uvicorn.Config):
    """Uvicorn's configuration with time limits for clients.

    Args:
        client_seconds: time limit for receiving a head. The same limit applies to receiving a body,
            plus time that depends on its size. A client that does not read its response for this
            long is disconnected.
        linger_seconds: how long idle connections stay open when the server stops.
    """

    def __init__(
        self,
        application: Any,
        *,
        client_seconds: float,
        linger_seconds: float = 0.0,
        **options: Any,
    ) -> None:
        super().__init__(application, http=BoundedProtocol, **options)
        self.client_seconds = client_seconds
        self.linger_seconds = linger_seconds


class _Phase(Enum):
    """What the server is waiting for on a connection."""

    REQUEST = auto()  # the next request; only uvicorn's keep-alive timeout applies
    HEAD = auto()
    BODY = auto()
    RESPONSE = auto()


class BoundedProtocol(HttpToolsProtocol):
    """HTTP connection that times out slow clients and rejects oversized heads.

    One timer per connection checks the time limits, so the overhead per request is small. This
    class writes error responses (RFC 9457) itself, because rejected requests never reach the
    application.

    Attributes:
        config: the server's configuration.
    """

    config: BoundedConfig
    _phase: _Phase
    # When the current phase began, and the number of bytes received in it.
    _phase_began: float
    _received: int

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the time limit for the first head."""
        super().connection_made(transport)
        self._time_limit = self.config.client_seconds
        self._check_interval = min(self._time_limit / _CHECKS_PER_LIMIT, _MAX_CHECK_INTERVAL)
        self._error: TasksteadError | None = None
        self._unread_since: float | None = None
        self._closing_since: float | None = None
        self._is_last = False
        self._is_head_begun = False
        self._wait_for_head()
        self._timer = self.loop.call_later(self._check_interval, self._check)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Process received data and check the size of the head."""
        if self._phase is _Phase.REQUEST:
            self._wait_for_head()
        self._received += len(data)
        super().data_received(data)
        if self._phase is _Phase.HEAD and self._received > _MAX_HEAD_BYTES:
            self._reject(self._build_too_large_error())

    def on_message_begin(self) -> None:
        """Record the start of a head.

        One call of ``data_received`` may contain both the end of the previous request and the start
        of this one (pipelining).
        """
        if self._phase is not _Phase.HEAD:
            self._wait_for_head()
        self._is_head_begun = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Start the request, unless its head is too large."""
        self._is_head_begun = False
        if len(self.headers) > MAX_HEADERS or self._received > _MAX_HEAD_BYTES:
            # `_received` may include bytes of the body, so compute the exact size.
            size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            if len(self.headers) > MAX_HEADERS or size > _MAX_HEAD_BYTES:
                self._error = self._build_too_large_error()
                raise self._error
        self._phase = _Phase.BODY
        self._phase_began = self.loop.time()
        self._received = 0
        super().on_headers_complete()
        if self._is_last:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """Begin the response. No time limit applies while the application responds."""
        self._phase = _Phase.RESPONSE
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request.

        If the body has not been received completely, wait for its rest first.
        """
        if self._phase is _Phase.RESPONSE:
            self._phase = _Phase.REQUEST
        super().on_response_complete()

    def shutdown(self) -> None:
        """Close the connection after the request in progress, or after a delay if it is idle.

        An apparently idle connection may have a request in transit or in the receive buffer. It
        therefore stays open for ``linger_seconds``. Responses sent from now on have the header
        `Connection: close`.
        """
        self._is_last = True
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete:
            self.loop.call_later(self.config.linger_seconds, self._close_when_quiet)
        else:
            super().shutdown()

    def _close_when_quiet(self) -> None:
        """Close an idle connection, unless it has received a request."""
        cycle: RequestResponseCycle | None = self.cycle
        is_responding = cycle is not None and not cycle.response_complete
        if is_responding or self.transport.is_closing():
            return
        if self._is_head_begun or self._has_unread_data():
            self.loop.call_later(_RETRY_CLOSE_SECONDS, self._close_when_quiet)
        else:
            super().shutdown()

    def _has_unread_data(self) -> bool:
        with selectors.PollSelector() as selector:
            descriptor = self.transport.get_extra_info("socket").fileno()
            selector.register(descriptor, selectors.EVENT_READ)
            return bool(selector.select(0))

    def pause_writing(self) -> None:
        """Start the time limit for the client to read the response."""
        self._unread_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Stop the time limit for reading the response, because the client reads again."""
        self._unread_since = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Reject a request that uvicorn cannot parse."""
        del msg  # uvicorn's message is less specific
        self._reject(self._error or MalformedRequestError(_NOT_HTTP))

    def _wait_for_head(self) -> None:
        self._phase = _Phase.HEAD
        self._phase_began = self.loop.time()
        self._received = 0

    def _check(self) -> None:
        """Check the time limits."""
        now = self.loop.time()
        self._extend_limits(now - self._timer.when())
        self._timer = self.loop.call_later(self._check_interval, self._check)
        if self.transport.is_closing():
            # A client that does not read the rest of a response would otherwise keep the connection
            # open.
            self._closing_since = self._closing_since or now
            if now - self._closing_since > self._time_limit:
                self.transport.abort()
        elif self._unread_since is not None:
            if now - self._unread_since > self._time_limit:
                self.transport.abort()
        elif self.flow.read_paused:
            # The server has paused reading from the client, so the client is not slow.
            self._phase_began = now
            self._received = 0
        elif self._is_slow(now):
            message = f"The request was not complete after {now - self._phase_began:.0f} seconds."
            self._reject(RequestTimedOutError(message))

    def _extend_limits(self, seconds: float) -> None:
        """Extend the time limits by the delay of this check.

        The process was busy during that time. The client was not slow.
        """
        self._phase_began += seconds
        if self._unread_since is not None:
            self._unread_since += seconds
        if self._closing_since is not None:
            self._closing_since += seconds

    def _is_slow(self, now: float) -> bool:
        limit = self._time_limit
        if self._phase is _Phase.BODY:
            limit += self._received / SLOWEST_BYTES_PER_SECOND
        return self._phase in (_Phase.HEAD, _Phase.BODY) and now - self._phase_began > limit

    def _build_too_large_error(self) -> TasksteadError:
        return HeadersTooLargeError(
            f"A request may have at most {MAX_HEADERS} headers. The request line and headers may "
            f"have at most {_MAX_HEAD_BYTES} bytes in total."
        )

    def _reject(self, error: TasksteadError) -> None:
        """Send an error response and close the connection.

        If the connection is idle or a response has begun, close it without a response.
        """
        is_idle = self._phase is _Phase.HEAD and self._received == 0
        cycle: RequestResponseCycle | None = self.cycle
        is_responding = cycle and cycle.response_started and not cycle.response_complete
        if not is_idle and not is_responding:
            id_ = make_id()
            body = msgspec.json.encode(make_problem(error, request_id=id_, now=get_now()))
            status = HTTPStatus(get_status(type(error)))
            head = (
                f"HTTP/1.1 {status.value} {status.phrase}\r\n"
                f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
                f"{REQUEST_ID_HEADER.lower()}: {id_}\r\n"
                "x-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
        self.transport.close()
