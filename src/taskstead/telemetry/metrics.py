"""The metrics: one table with all there are, and the counts of one process.

Counting is adding to plain numbers in a dictionary, half a microsecond each. What an object counts
about itself (the database, its pool, the limits) is not counted here again but read from it when
somebody asks: ``http/samples.py``. How they are written for Prometheus: exposition.py.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

# The values of the labels in the metric's order, and the value: for a histogram the number of
# observations in each bucket (the last one without bound) and then their sum.
Sample: TypeAlias = tuple[str, list[str], float | list[float]]


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """A metric, by the conventions of Prometheus (prometheus.io/docs/practices/naming).

    Attributes:
        labels: their names. Few values each: no ids, no paths, nothing that a client makes up.
        buckets: the upper bounds, of a histogram.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Metric(
    "taskstead_requests_total", "counter", "Requests answered.", ("method", "route", "status")
)
REQUEST_SECONDS = Metric(
    "taskstead_request_duration_seconds",
    "histogram",
    "Time from the request's arrival to the end of its answer.",
    ("method", "route"),
    _SECONDS,
)
IN_FLIGHT = Metric("taskstead_requests_in_flight", "gauge", "Requests being answered.")
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
    "Transactions ended; result is committed or rolled_back.",
    ("result",),
)
BATCH_SIZE = Metric(
    "taskstead_commit_batch_size",
    "histogram",
    "Transactions that shared a COMMIT, on SQLite.",
    (),
    (1, 2, 4, 8, 16, 32, 64, 128),
)
POOL_SIZE = Metric(
    "taskstead_pool_size", "gauge", "Connections there can be; on SQLite the one that writes."
)
POOL_IN_USE = Metric("taskstead_pool_in_use", "gauge", "Connections in use.")
POOL_WAITING = Metric("taskstead_pool_waiting", "gauge", "Callers that wait for a connection.")
POOL_WAITS = Metric("taskstead_pool_waits_total", "counter", "Waits for a connection.")
POOL_WAIT_SECONDS = Metric(
    "taskstead_pool_wait_seconds_total", "counter", "Time spent waiting for a connection."
)
DATABASE_UP = Metric("taskstead_database_up", "gauge", "1 when the database answers, 0 when not.")
JOBS = Metric(
    "taskstead_jobs",
    "gauge",
    "Background jobs that are queued, running or have failed, of all processes.",
    ("kind", "state"),
)
OLDEST_JOB_SECONDS = Metric(
    "taskstead_jobs_oldest_waiting_seconds",
    "gauge",
    "For how long the job has been due that has waited the longest; 0 when none waits.",
)
REPLICA_READS = Metric(
    "taskstead_replica_reads_total",
    "counter",
    "Reads meant for the replica; result is replica, or why the database did it: behind, failed.",
    ("result",),
)
CACHE_READS = Metric(
    "taskstead_cache_reads_total",
    "counter",
    "Answers looked for among those that are kept; result is hit, miss, or error: no store.",
    ("result",),
)
CACHE_SERVED_BYTES = Metric(
    "taskstead_cache_served_bytes_total", "counter", "Bytes of answers that were kept."
)
CACHE_BYTES = Metric(
    "taskstead_cache_bytes", "gauge", "Memory of answers that are kept in the process."
)
RATE_LIMITED = Metric(
    "taskstead_rate_limited_total", "counter", "Requests refused by a limit.", ("limit",)
)
LOGINS = Metric(
    "taskstead_logins_total",
    "counter",
    "Attempts to log in that were answered; result is ok or failed.",
    ("result",),
)
DEPRECATED_CALLS = Metric(
    "taskstead_deprecated_calls_total",
    "counter",
    "Uses of calls that are on their way out.",
    ("method", "route"),
)
EVENT_LISTENERS = Metric(
    "taskstead_event_listeners", "gauge", "Clients that listen to a stream of events."
)
MEMORY = Metric("process_resident_memory_bytes", "gauge", "Memory in use.")
CPU_SECONDS = Metric("process_cpu_seconds_total", "counter", "Processor time used.")
OPEN_FILES = Metric("process_open_fds", "gauge", "Open files and connections.")
STARTED = Metric("process_start_time_seconds", "gauge", "When the process began, as Unix time.")

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
    """What one application has counted since its start.

    Attributes:
        in_flight: requests being answered.
    """

    def __init__(self) -> None:
        self.in_flight = 0
        self._counts: dict[Metric, dict[tuple[str, ...], float]] = {}
        self._histograms: dict[Metric, dict[tuple[str, ...], list[float]]] = {}
        for metric in TABLE:
            (self._histograms if metric.buckets else self._counts)[metric] = {}

    def count(self, metric: Metric, *labels: str, by: float = 1) -> None:
        """Add to a counter."""
        counts = self._counts[metric]
        counts[labels] = counts.get(labels, 0) + by

    def observe(self, metric: Metric, value: float, *labels: str) -> None:
        """Add an observation to a histogram."""
        found = self._histograms[metric].get(labels)
        if found is None:
            found = self._histograms[metric][labels] = [0] * (len(metric.buckets) + 2)
        found[bisect_left(metric.buckets, value)] += 1
        found[-1] += value

    def read(self) -> Iterator[Sample]:
        """Return all that was counted here."""
        for metric, counts in self._counts.items():
            for labels, value in counts.items():
                yield metric.name, list(labels), value
        for metric, histograms in self._histograms.items():
            for labels, values in histograms.items():
                yield metric.name, list(labels), list(values)
        yield IN_FLIGHT.name, [], self.in_flight


def make_histogram(metric: Metric, sizes: Mapping[int, int]) -> Sample:
    """Make a histogram of how often each whole number was observed."""
    values = [0.0] * (len(metric.buckets) + 2)
    for size, number in sizes.items():
        values[bisect_left(metric.buckets, size)] += number
        values[-1] += size * number
    return metric.name, [], values
