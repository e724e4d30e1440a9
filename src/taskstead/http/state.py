"""What an application holds while it runs, and how a route gets at it."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from taskstead.db.database import Database
from taskstead.db.replica import Replica
from taskstead.http.feed import EventBroker
from taskstead.http.probes import Probes
from taskstead.http.rate_limits import RateLimits
from taskstead.http.stopping import Shutdown
from taskstead.jobs.wakeup import JobSignal
from taskstead.services.passwords import Passwords
from taskstead.settings import Settings
from taskstead.store.cache import Cache
from taskstead.store.counters import Counters
from taskstead.telemetry.metrics import Metrics
from taskstead.telemetry.siblings import Siblings


@dataclass(frozen=True, slots=True)
class Server:
    """The open parts of a running application.

    Attributes:
        probes: what health checks ask.
        metrics: counts of what happens in this process.
        siblings: the other processes of this server.
        wakeup: to be rung when a job has been enqueued and that is committed.
        stopping: whether it is to be sent no more requests.
        replica: a copy of the database to read from, where there is one.
        rendering: the turns of those that make HTML of Markdown: one at a time.
        running_keys: the hashes of the idempotency keys whose requests this process is answering.
    """

    settings: Settings
    database: Database
    passwords: Passwords
    counters: Counters
    limits: RateLimits
    feed: EventBroker
    cache: Cache
    metrics: Metrics
    probes: Probes
    siblings: Siblings = field(default_factory=Siblings)
    wakeup: JobSignal = field(default_factory=JobSignal)
    stopping: Shutdown = field(default_factory=Shutdown)
    replica: Replica | None = None
    rendering: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    running_keys: set[bytes] = field(default_factory=set)


async def get_server(request: Request) -> Server:
    """Return the running application's parts."""
    server: Server = request.app.state.server
    return server


AppState = Annotated[Server, Depends(get_server)]
