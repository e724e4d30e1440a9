"""Metric samples: the current values of all metrics, read from the parts of the application."""

import os
from collections.abc import Iterator

from taskstead.errors import TasksteadError
from taskstead.http.app_state import Server
from taskstead.observability import metrics
from taskstead.observability.exposition import read_process_samples
from taskstead.observability.metrics import Sample, make_histogram
from taskstead.observability.multiprocess import PoolStats, Report
from taskstead.queries.system.jobs import count_open_jobs


def make_report(server: Server) -> Report:
    """Return the metrics and the connection pool statistics of this process."""
    meter = server.database.meter
    state = server.database.get_pool_state()
    pool = PoolStats(
        engine=server.database.dialect,
        size=state.size,
        in_use=state.in_use,
        waiting=state.waiting,
        waits=meter.waits,
        wait_seconds=meter.wait_seconds,
        longest_wait_seconds=meter.longest_wait_seconds,
    )
    return Report(server.siblings.process, os.getpid(), pool, list(_read_samples(server, pool)))


def _read_samples(server: Server, pool: PoolStats) -> Iterator[Sample]:
    meter = server.database.meter
    yield from server.metrics.read()
    yield metrics.STATEMENTS.name, [], meter.statements
    yield metrics.STATEMENT_SECONDS.name, [], meter.statement_seconds
    yield metrics.SLOW_STATEMENTS.name, [], meter.slow_statements
    yield metrics.TRANSACTIONS.name, ["committed"], meter.commits
    yield metrics.TRANSACTIONS.name, ["rolled_back"], meter.rollbacks
    if pool.engine == "sqlite":
        yield make_histogram(metrics.BATCH_SIZE, meter.batches)
    yield metrics.POOL_SIZE.name, [], pool.size
    yield metrics.POOL_IN_USE.name, [], pool.in_use
    yield metrics.POOL_WAITING.name, [], pool.waiting
    yield metrics.POOL_WAITS.name, [], pool.waits
    yield metrics.POOL_WAIT_SECONDS.name, [], pool.wait_seconds
    yield metrics.EVENT_LISTENERS.name, [], server.broker.count_listeners()
    if server.replica is not None:
        for result, number in server.replica.reads.items():
            yield metrics.REPLICA_READS.name, [result], number
    yield metrics.CACHE_READS.name, ["hit"], server.cache.counts.hits
    yield metrics.CACHE_READS.name, ["miss"], server.cache.counts.misses
    yield metrics.CACHE_READS.name, ["error"], server.cache.counts.errors
    yield metrics.CACHE_SERVED_BYTES.name, [], server.cache.counts.served_bytes
    yield metrics.CACHE_BYTES.name, [], server.cache.size_bytes or 0
    for limit, count in server.limits.rejected.items():
        yield metrics.RATE_LIMITED.name, [limit], count
    yield from read_process_samples()


async def read_shared_samples(server: Server) -> list[Sample]:
    """Return the samples that all processes share: database health and open jobs."""
    try:
        rows = await count_open_jobs(server.database)
    except TasksteadError:
        return [(metrics.DATABASE_UP.name, [], 0)]
    now = server.clock()
    queued = [(now - row["due_at"]).total_seconds() for row in rows if row["state"] == "queued"]
    return [
        (metrics.DATABASE_UP.name, [], 1),
        (metrics.OLDEST_JOB_SECONDS.name, [], max([0.0, *queued])),
        *((metrics.JOBS.name, [row["kind"], row["state"]], row["count"]) for row in rows),
    ]
