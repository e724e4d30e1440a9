"""Metrics: the table of all metrics, and the counters and histograms of one process.

A counter is a plain number in a dictionary, so that an increment takes only half a microsecond. The
database, the connection pool and the rate limits have their own statistics, which
``http/metrics_collector.py`` reads at each scrape. ``exposition.py`` renders the metrics for
Prometheus.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

# The name of a metric, its label values in the order of `Metric.labels`, and the value. The value
# of a histogram is a list. It contains the number of observations in each bucket, of which the last
# one has no upper bound, and then the sum of the observed values.
Sample: TypeAlias = tuple[str, list[str], float | list[float]]


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """Description of a metric. Names follow prometheus.io/docs/practices/naming.

    Attributes:
        labels: names of the labels. Each label must have few values, so ids, paths and client input
            are not allowed.
        buckets: upper bounds of the buckets of a histogram.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Metric(
    "taskstead_requests_total", "counter", "Completed requests.", ("method", "route", "status")
)
REQUEST_SECONDS = Metric(
    "taskstead_request_duration_seconds",
    "histogram",
    "Time from the arrival of a request to the end of its response.",
    ("method", "route"),
    _SECONDS,
)
IN_FLIGHT = Metric("taskstead_requests_in_flight", "gauge", "Requests in progress.")
STATEMENTS = Metric("taskstead_statements_total", "counter", "SQL statements run.")
STATEMENT_SECONDS = Metric(
    "taskstead_statement_seconds_total", "counter", "Time spent on SQL statements."
)
SLOW_STATEMENTS = Metric(
    "taskstead_slow_statements_total", "counter", "SQL statements that were logged as slow."
)
TRANSACTIONS = Metric(
    "taskstead_transactions_total",
    "counter",
    "Completed transactions; result is committed or rolled_back.",
    ("result",),
)
BATCH_SIZE = Metric(
    "taskstead_commit_batch_size",
    "histogram",
    "Number of transactions that shared a COMMIT, on SQLite.",
    (),
    (1, 2, 4, 8, 16, 32, 64, 128),
)
POOL_SIZE = Metric(
    "taskstead_pool_size",
    "gauge",
    "Maximum number of database connections; on SQLite 1, the write connection.",
)
POOL_IN_USE = Metric("taskstead_pool_in_use", "gauge", "Database connections in use.")
POOL_WAITING = Metric(
    "taskstead_pool_waiting", "gauge", "Callers waiting for a database connection."
)
POOL_WAITS = Metric("taskstead_pool_waits_total", "counter", "Waits for a database connection.")
POOL_WAIT_SECONDS = Metric(
    "taskstead_pool_wait_seconds_total", "counter", "Time spent waiting for a database connection."
)
DATABASE_UP = Metric("taskstead_database_up", "gauge", "1 if the database responds, otherwise 0.")
JOBS = Metric(
    "taskstead_jobs",
    "gauge",
    "Background jobs of all processes that are queued, running or have failed.",
    ("kind", "state"),
)
OLDEST_JOB_SECONDS = Metric(
    "taskstead_jobs_oldest_waiting_seconds",
    "gauge",
    "Time since the oldest waiting job became due; 0 if no job is waiting.",
)
REPLICA_READS = Metric(
    "taskstead_replica_reads_total",
    "counter",
    "Reads eligible for the replica; result is replica, or the reason for using the primary: "
    "behind or failed.",
    ("result",),
)
CACHE_READS = Metric(
    "taskstead_cache_reads_total",
    "counter",
    "Response cache lookups; result is hit, miss or error (store unavailable).",
    ("result",),
)
CACHE_SERVED_BYTES = Metric(
    "taskstead_cache_served_bytes_total", "counter", "Bytes of responses served from the cache."
)
CACHE_BYTES = Metric(
    "taskstead_cache_bytes", "gauge", "Memory used by the response cache of the process."
)
RATE_LIMITED = Metric(
    "taskstead_rate_limited_total", "counter", "Requests rejected by a rate limit.", ("limit",)
)
LOGINS = Metric(
    "taskstead_logins_total",
    "counter",
    "Login attempts that were checked; result is ok or failed.",
    ("result",),
)
DEPRECATED_CALLS = Metric(
    "taskstead_deprecated_calls_total",
    "counter",
    "Requests to deprecated operations.",
    ("method", "route"),
)
EVENT_LISTENERS = Metric("taskstead_event_listeners", "gauge", "Open event streams.")
MEMORY = Metric("process_resident_memory_bytes", "gauge", "Resident memory of the process.")
CPU_SECONDS = Metric("process_cpu_seconds_total", "counter", "CPU time used by the process.")
OPEN_FILES = Metric("process_open_fds", "gauge", "Open file descriptors, including connections.")
STARTED = Metric("process_start_time_seconds", "gauge", "Start time of the process as Unix time.")

TABLE = (
    *(REQUESTS, REQUEST_SECONDS, IN_FLIGHT),
    *(STATEMENTS, STATEMENT_SECONDS, SLOW_STATEMENTS, TRANSACTIONS, BATCH_SIZE, DATABASE_UP),
    *(POOL_SIZE, POOL_IN_USE, POOL_WAITING, POOL_WAITS, POOL_WAIT_SECONDS),
    *(JOBS, OLDEST_JOB_SECONDS, EVENT_LISTENERS),
    *(REPLICA_READS, CACHE_READS, CACHE_SERVED_BYTES, CACHE_BYTES),
    *(RATE_LIMITED, LOGINS, DEPRECATED_CALLS),
    *(MEMORY, CPU_SECONDS, OPEN_FILES, STARTED),
)


class Metrics:
    """Counters and histograms of this process since its start.

    Attributes:
        in_flight: number of requests in progress.
    """

    def __init__(self) -> None:
        self.in_flight = 0
        self._counts: dict[Metric, dict[tuple[str, ...], float]] = {}
        self._histograms: dict[Metric, dict[tuple[str, ...], list[float]]] = {}
        for metric in TABLE:
            (self._histograms if metric.buckets else self._counts)[metric] = {}

    def count(self, metric: Metric, *labels: str, by: float = 1) -> None:
        """Add ``by`` to a counter."""
        counts = self._counts[metric]
        counts[labels] = counts.get(labels, 0) + by

    def observe(self, metric: Metric, value: float, *labels: str) -> None:
        """Add an observed value to a histogram."""
        values = self._histograms[metric].get(labels)
        if values is None:
            values = self._histograms[metric][labels] = [0] * (len(metric.buckets) + 2)
        values[bisect_left(metric.buckets, value)] += 1
        values[-1] += value

    def read(self) -> Iterator[Sample]:
        """Yield the samples of all counters and histograms."""
        for metric, counts in self._counts.items():
            for labels, value in counts.items():
                yield metric.name, list(labels), value
        for metric, histograms in self._histograms.items():
            for labels, values in histograms.items():
                yield metric.name, list(labels), list(values)
        yield IN_FLIGHT.name, [], self.in_flight


def make_histogram(metric: Metric, sizes: Mapping[int, int]) -> Sample:
    """Return the sample of a histogram.

    Args:
        metric: the histogram.
        sizes: the number of observations by the observed integer.
    """
    values = [0.0] * (len(metric.buckets) + 2)
    for size, number in sizes.items():
        values[bisect_left(metric.buckets, size)] += number
        values[-1] += size * number
    return metric.name, [], values
