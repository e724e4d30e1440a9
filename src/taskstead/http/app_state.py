"""``Server``, the state of a running application, and the dependency that passes it to routes."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from taskstead.cache.memory import Cache
from taskstead.clock import Clock
from taskstead.config.settings import Settings
from taskstead.consumers.event_broker import EventBroker
from taskstead.db.database import Database, Replica
from taskstead.http.probes import Probes
from taskstead.http.rate_limits import RateLimits
from taskstead.http.shutdown import Shutdown
from taskstead.http.static_files import StaticFile
from taskstead.jobs.wakeup import JobSignal
from taskstead.observability.metrics import Metrics
from taskstead.observability.multiprocess import Siblings
from taskstead.ratelimit.storage import Counters
from taskstead.services.accounts.passwords import Passwords


@dataclass(frozen=True, slots=True)
class Server:
    """The state of a running application: settings, connections and shared services.

    Attributes:
        replica: the read replica, if configured.
        clock: returns the current time.
        passwords: hashes and verifies passwords.
        counters: the storage of the rate limits.
        limits: the rate limits.
        cache: the response cache.
        broker: the event broker.
        probes: the probes of the health checks.
        web_files: the files of the web app by path; empty without a build.
        metrics: the metrics of this process.
        siblings: the other processes of this server.
        wakeup: wakes the worker after the commit of a new job.
        shutdown: the state of the graceful shutdown.
        rendering: the semaphore that limits Markdown rendering to one text at a time.
        running_keys: the hashes of the idempotency keys of requests in progress in this process.
    """

    settings: Settings
    database: Database
    replica: Replica | None
    clock: Clock
    passwords: Passwords
    counters: Counters
    limits: RateLimits
    broker: EventBroker
    cache: Cache
    metrics: Metrics
    probes: Probes
    web_files: Mapping[str, StaticFile]
    siblings: Siblings = field(default_factory=Siblings)
    wakeup: JobSignal = field(default_factory=JobSignal)
    shutdown: Shutdown = field(default_factory=Shutdown)
    rendering: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    running_keys: set[bytes] = field(default_factory=set)


async def get_server(request: Request) -> Server:
    """Return the ``Server``."""
    server: Server = request.app.state.server
    return server


AppState = Annotated[Server, Depends(get_server)]
