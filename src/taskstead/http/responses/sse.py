"""Server-sent events (WHATWG HTML, section 9.2): streams the changes of a workspace to a client.

The event broker in ``consumers/event_broker.py`` reads the events. This module sends them to one
client, checks the client's access repeatedly, and ends the stream. It also implements the wait of
long polling.
"""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from taskstead.consumers.event_broker import Chunk, EventBroker, Listener
from taskstead.errors import TasksteadError

# The time that browsers wait before they reconnect.
_RETRY_MILLISECONDS = 2000
# The maximum time for one send. A client that does not read for this time is disconnected.
_SEND_SECONDS = 30.0
# The time for which a check of the client's access is valid. Later data is sent after a new check.
CHECK_SECONDS = 1.0
_HEARTBEAT = b": still here\n\n"

logger = logging.getLogger("taskstead.http")


class EventStream(Response):
    """A streaming response with the events of one listener.

    Args:
        broker: the event broker that created the listener.
        listener: the subscription whose events are sent.
        user_id: the user who receives the events.
        is_allowed: returns whether the client still has access; called before each heartbeat, and
            before events, at most once per second.
        on_end: called when the stream has ended.
        heartbeat_seconds: the interval between heartbeats.
        seconds: the maximum duration of the stream; None for no limit.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        broker: EventBroker,
        listener: Listener,
        user_id: str,
        is_allowed: Callable[[], Awaitable[bool]],
        on_end: Callable[[], None],
        *,
        heartbeat_seconds: float,
        seconds: float | None,
    ) -> None:
        # Proxies must neither store nor buffer the stream.
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(None, headers=headers, media_type=self.media_type)
        del self.headers["content-length"]
        self._broker = broker
        self._listener = listener
        self._user_id = user_id
        self._is_allowed = is_allowed
        self._on_end = on_end
        self._heartbeat_seconds = heartbeat_seconds
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the client disconnects or loses access, or the server stops."""
        del scope
        disconnect = asyncio.create_task(_await_disconnect(receive))
        disconnect.add_done_callback(lambda _: self._listener.end())
        try:
            await send(
                {
                    "type": "http.response.start",
                    "status": self.status_code,
                    "headers": self.raw_headers,
                }
            )
            async for data in self._generate_pieces():
                self._listener.is_sending = True
                async with asyncio.timeout(_SEND_SECONDS):
                    await send({"type": "http.response.body", "body": data, "more_body": True})
                self._listener.is_sending = False
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            logger.info("Event stream closed: the client stopped reading.")
        finally:
            disconnect.cancel()
            self._broker.unsubscribe(self._listener)
            self._on_end()

    async def _generate_pieces(self) -> AsyncGenerator[bytes]:
        now = asyncio.get_running_loop().time
        # The random factor spreads the checks of clients that connected at the same time.
        jitter = random.uniform(0.5, 1)  # noqa: S311 - nothing secret
        heartbeat_at = now() + self._heartbeat_seconds * jitter
        checked_at = now()
        end_at = now() + self._seconds if self._seconds is not None else float("inf")
        yield b"retry: %d\nid: %d\n\n" % (_RETRY_MILLISECONDS, self._listener.last_revision)
        if self._listener.needs_reset:
            yield self._listener.reset().get_data(self._user_id)
        while not self._listener.has_ended:
            if now() >= heartbeat_at:
                heartbeat_at = now() + self._heartbeat_seconds
                if not await self._is_allowed():
                    return
                checked_at = now()
                yield _HEARTBEAT
            chunk = await self._take_chunk()
            if chunk is not None:
                data = chunk.get_data(self._user_id)
                is_check_due = bool(data) and now() - checked_at >= CHECK_SECONDS
                if chunk.concerns_members or is_check_due:
                    if not await self._is_allowed():
                        return
                    checked_at = now()
                if data:
                    yield data
            elif now() >= end_at:
                return
            else:
                await self._listener.wait(min(heartbeat_at, end_at) - now())

    async def _take_chunk(self) -> Chunk | None:
        try:
            return await self._listener.take_next()
        except TasksteadError:
            # The database is unavailable. The client reconnects and resumes at its last event.
            self._listener.end()
            return None


async def wait_for_changes(
    broker: EventBroker, receive: Receive, workspace_id: str, *, after_revision: int, seconds: float
) -> None:
    """Wait until the workspace has a revision above ``after_revision``.

    The wait also ends after a timeout or when the client disconnects.
    """
    waiting = asyncio.create_task(
        broker.wait_for_change(workspace_id, after_revision=after_revision, seconds=seconds)
    )
    disconnect = asyncio.create_task(_await_disconnect(receive))
    tasks = (waiting, disconnect)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _await_disconnect(receive: Receive) -> None:
    """Wait until the client disconnects."""
    while (await receive())["type"] != "http.disconnect":
        pass
