"""HTTP connections with bounds that uvicorn's have not: for slow clients and for heads without end.

What does not live here: limits that hold behind any server (``http/admission.py``,
``http/body_limit.py``).
"""

import asyncio
import selectors
from enum import Enum, auto
from http import HTTPStatus
from typing import Any

import msgspec
import uvicorn
from starlette.requests import Request
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from taskstead.errors import (
    HeadersTooLargeError,
    MalformedRequestError,
    RequestTimedOutError,
    TasksteadError,
)
from taskstead.http.admission import MAX_HEADER_BYTES, MAX_HEADERS, MAX_TARGET_BYTES
from taskstead.http.context import REQUEST_ID_HEADER
from taskstead.http.problems import MEDIA_TYPE, render_problem
from taskstead.ids import make_id

# A body may take longer by a second for each so many bytes.
SLOWEST_BYTES_PER_SECOND = 500
_MAX_HEAD_BYTES = MAX_TARGET_BYTES + MAX_HEADER_BYTES
_NOT_HTTP = (
    "This is not HTTP/1.1 as this server reads it: look at the method, the address, the headers "
    "and what they say of the body's length. For HTTPS, put a proxy in front."
)
# How often a connection is looked at: so that one is late by a quarter at most.
_LOOKS = 4
_LONGEST_BETWEEN_LOOKS = 5.0
# How soon to look again at a connection that has sent something when it was to be closed.
_UNREAD_SECONDS = 0.01


class BoundedConfig(uvicorn.Config):
    """Uvicorn's settings, and how long a client may take.

    Args:
        client_seconds: for a head, for a body beyond its rate, and between two bites of an answer.
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
    """What a connection is waiting for."""

    REQUEST = auto()  # to begin; uvicorn closes connections that are idle between requests
    HEAD = auto()
    BODY = auto()
    ANSWER = auto()


class BoundedProtocol(HttpToolsProtocol):
    """A connection whose client has to get on with it.

    One timer a connection looks at what it is waiting for; a request costs a few assignments.
    Refusals are problem documents, sent from here since no application is asked.
    """

    config: BoundedConfig
    _phase: _Phase
    _since: float
    _received: int

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head: who connects has something to say."""
        super().connection_made(transport)
        self._patience = self.config.client_seconds
        self._pause = min(self._patience / _LOOKS, _LONGEST_BETWEEN_LOOKS)
        self._refusal: TasksteadError | None = None
        self._unsent_since: float | None = None
        self._closing_since: float | None = None
        self._is_last = False
        self._is_head_begun = False
        self._wait_for_head()
        self._timer = self.loop.call_later(self._pause, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop looking."""
        self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what the client has sent."""
        if self._phase is _Phase.REQUEST:
            self._wait_for_head()
        self._received += len(data)
        super().data_received(data)
        if self._phase is _Phase.HEAD and self._received > _MAX_HEAD_BYTES:
            self._refuse(self._make_too_large())

    def on_message_begin(self) -> None:
        """Note that a head begins; it may be in the same packet as the request before."""
        if self._phase is not _Phase.HEAD:
            self._wait_for_head()
        self._is_head_begun = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Have the request served, unless its head is too large."""
        self._is_head_begun = False
        if len(self.headers) > MAX_HEADERS or self._received > _MAX_HEAD_BYTES:
            # What has been received may be body as well.
            size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            if len(self.headers) > MAX_HEADERS or size > _MAX_HEAD_BYTES:
                self._refusal = self._make_too_large()
                raise self._refusal
        self._phase = _Phase.BODY
        self._since = self.loop.time()
        self._received = 0
        super().on_headers_complete()
        if self._is_last:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """Wait for the answer, which is not the client's business."""
        self._phase = _Phase.ANSWER
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request; the rest of one that was not read to its end comes first."""
        if self._phase is _Phase.ANSWER:
            self._phase = _Phase.REQUEST
        super().on_response_complete()

    def shutdown(self) -> None:
        """Close as soon as nothing is under way, and say so in the answer that is.

        A request may be on its way to us on a connection that looks idle, or may have arrived and
        not been read. So an idle connection stays open for a while. The answer to a request that
        comes on it says `Connection: close`.
        """
        self._is_last = True
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete:
            self.loop.call_later(self.config.linger_seconds, self._close_when_quiet)
        else:
            super().shutdown()

    def _close_when_quiet(self) -> None:
        """Close an idle connection, unless a request on it has been sent to us."""
        cycle: RequestResponseCycle | None = self.cycle
        is_answering = cycle is not None and not cycle.response_complete
        if is_answering or self.transport.is_closing():
            return
        if self._is_head_begun or self._has_unread_data():
            self.loop.call_later(_UNREAD_SECONDS, self._close_when_quiet)
        else:
            super().shutdown()

    def _has_unread_data(self) -> bool:
        with selectors.PollSelector() as selector:
            descriptor = self.transport.get_extra_info("socket").fileno()
            selector.register(descriptor, selectors.EVENT_READ)
            return bool(selector.select(0))

    def pause_writing(self) -> None:
        """Note that the client does not fetch its answer as fast as we send it."""
        self._unsent_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Note that it does again."""
        self._unsent_since = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Answer what uvicorn, or its parser, would not take; and close."""
        del msg  # always the same, and tells less
        self._refuse(self._refusal or MalformedRequestError(_NOT_HTTP))

    def _wait_for_head(self) -> None:
        self._phase = _Phase.HEAD
        self._since = self.loop.time()
        self._received = 0

    def _look(self) -> None:
        """See whether the client has had its time."""
        now = self.loop.time()
        self._forgive(now - self._timer.when())
        self._timer = self.loop.call_later(self._pause, self._look)
        if self.transport.is_closing():
            # With something left to send, it would stay open for as long as the client likes.
            self._closing_since = self._closing_since or now
            if now - self._closing_since > self._patience:
                self.transport.abort()
        elif self._unsent_since is not None:
            if now - self._unsent_since > self._patience:
                self.transport.abort()
        elif self.flow.read_paused:
            # It is we who do not read: that is not counted.
            self._since = now
            self._received = 0
        elif self._is_slow(now):
            message = f"The request has not come to its end for {now - self._since:.0f} seconds."
            self._refuse(RequestTimedOutError(message))

    def _forgive(self, seconds: float) -> None:
        """Leave out of account for how long this process was held up, and so looks late."""
        self._since += seconds
        if self._unsent_since is not None:
            self._unsent_since += seconds
        if self._closing_since is not None:
            self._closing_since += seconds

    def _is_slow(self, now: float) -> bool:
        patience = self._patience
        if self._phase is _Phase.BODY:
            patience += self._received / SLOWEST_BYTES_PER_SECOND
        return self._phase in (_Phase.HEAD, _Phase.BODY) and now - self._since > patience

    def _make_too_large(self) -> TasksteadError:
        return HeadersTooLargeError(
            f"There may be {MAX_HEADERS} headers with {MAX_HEADER_BYTES} bytes together."
        )

    def _refuse(self, error: TasksteadError) -> None:
        """Say what is wrong, if anything was asked and no answer has begun yet; and close."""
        is_idle = self._phase is _Phase.HEAD and self._received == 0
        cycle: RequestResponseCycle | None = self.cycle
        is_answering = cycle and cycle.response_started and not cycle.response_complete
        if not is_idle and not is_answering:
            id_ = make_id()
            request = Request({"type": "http", "headers": [], "state": {"request_id": id_}})
            body = msgspec.json.encode(render_problem(request, error))
            head = (
                f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}\r\n"
                f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
                f"{REQUEST_ID_HEADER.lower()}: {id_}\r\n"
                "x-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
        self.transport.close()
