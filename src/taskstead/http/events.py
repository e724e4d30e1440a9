"""Server-sent events (WHATWG HTML, section 9.2): one stream of a workspace's changes.

What is new comes from ``feed.py``. Here is how it gets to one client, for how long, and when its
token is looked at again; and how a client that asks again and again waits for it.
"""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from taskstead.errors import TasksteadError
from taskstead.http.feed import Chunk, EventBroker, Listener

# Browsers wait for so long before they connect again.
_RETRY_MILLISECONDS = 2000
# Whoever takes nothing of what was sent for so long is cut off.
_SEND_SECONDS = 30.0
_HEARTBEAT = b": still here\n\n"

logger = logging.getLogger("taskstead.http")


class EventStream(Response):
    """An answer that goes on.

    Args:
        feed: where the listener comes from.
        listener: whose events are sent.
        is_lost: the client knows of a later state than the server: it is told to start over.
        is_allowed: tells whether the client may still listen; asked at each heartbeat.
        note_end: called once it is over.
        heartbeat_seconds: the time from one to the next.
        seconds: how long the stream lasts; None for no end.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        feed: EventBroker,
        listener: Listener,
        is_allowed: Callable[[], Awaitable[bool]],
        note_end: Callable[[], None],
        *,
        is_lost: bool,
        heartbeat_seconds: float,
        seconds: float | None,
    ) -> None:
        # Proxies are not to keep it, nor to hold it up.
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(None, headers=headers, media_type=self.media_type)
        del self.headers["content-length"]
        self._feed = feed
        self._listener = listener
        self._is_allowed = is_allowed
        self._note_end = note_end
        self._is_lost = is_lost
        self._heartbeat_seconds = heartbeat_seconds
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the client goes, may not listen any more, or the server stops."""
        del scope
        leaving = asyncio.create_task(_await_end(receive))
        leaving.add_done_callback(lambda _: self._listener.end())
        try:
            await send(
                {
                    "type": "http.response.start",
                    "status": self.status_code,
                    "headers": self.raw_headers,
                }
            )
            async for data in self._list_pieces():
                self._listener.is_sending = True
                async with asyncio.timeout(_SEND_SECONDS):
                    await send({"type": "http.response.body", "body": data, "more_body": True})
                self._listener.is_sending = False
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            logger.info("A listener to events takes nothing any more and is cut off.")
        finally:
            leaving.cancel()
            self._feed.forget(self._listener)
            self._note_end()

    async def _list_pieces(self) -> AsyncGenerator[bytes]:
        now = asyncio.get_running_loop().time
        # Those who came at the same time are not to be looked at at the same time.
        spread = random.uniform(0.5, 1)  # noqa: S311 - nothing secret
        beat_at = now() + self._heartbeat_seconds * spread
        end_at = now() + self._seconds if self._seconds is not None else float("inf")
        yield b"retry: %d\nid: %d\n\n" % (_RETRY_MILLISECONDS, self._listener.position)
        if self._is_lost:
            yield self._listener.reset().data
        while not self._listener.is_over:
            if now() >= beat_at:
                beat_at = now() + self._heartbeat_seconds
                if not await self._is_allowed():
                    return
                yield _HEARTBEAT
            chunk = await self._take()
            if chunk is not None:
                if chunk.concerns_members and not await self._is_allowed():
                    return
                yield chunk.data
            elif now() >= end_at:
                return
            else:
                await self._listener.wait(min(beat_at, end_at) - now())

    async def _take(self) -> Chunk | None:
        try:
            return await self._listener.take()
        except TasksteadError:
            # The database cannot be asked: the client comes back and goes on from where it was.
            self._listener.end()
            return None


async def wait_for_news(
    feed: EventBroker, receive: Receive, workspace_id: str, *, known: int, seconds: float
) -> None:
    """Wait until a workspace is beyond a revision, for so long, or until the client has gone."""
    waiting = asyncio.create_task(feed.wait_for_change(workspace_id, known=known, seconds=seconds))
    leaving = asyncio.create_task(_await_end(receive))
    both = (waiting, leaving)
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)


async def _await_end(receive: Receive) -> None:
    """Wait until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
