"""The meter that a database engine runs with: statements, transactions and waits of one process.

Counting is adding to plain numbers, since it is done several times in each request. What is slow
goes to the log, without the values: they are somebody's.
"""

import logging
import math
from time import perf_counter

from taskstead.telemetry.requests import current_request

_LONGEST_TEXT = 4000

logger = logging.getLogger("taskstead.database")


class Meter:
    """Counts for one open database. Times are seconds.

    Attributes:
        slow_seconds: statements that take so long or longer are logged.
        statements, statement_seconds: statements run, and what they took together.
        slow_statements: those of them that were slow.
        commits, rollbacks: transactions ended, by how.
        waits, wait_seconds, longest_wait_seconds: waits for a connection or the turn to write.
        batches: how many commits there were of each number of transactions: on SQLite, one commit
            ends several.
    """

    __slots__ = (
        "batches",
        "commits",
        "longest_wait_seconds",
        "rollbacks",
        "slow_seconds",
        "slow_statements",
        "statement_seconds",
        "statements",
        "wait_seconds",
        "waits",
    )

    def __init__(self, *, slow_seconds: float = math.inf) -> None:
        self.slow_seconds = slow_seconds
        self.statements = 0
        self.statement_seconds = 0.0
        self.slow_statements = 0
        self.commits = 0
        self.rollbacks = 0
        self.waits = 0
        self.wait_seconds = 0.0
        self.longest_wait_seconds = 0.0
        self.batches: dict[int, int] = {}

    def note_statement(self, sql: str, began: float) -> None:
        """Count a statement that began at a reading of ``perf_counter`` and has just ended."""
        seconds = perf_counter() - began
        self.statements += 1
        self.statement_seconds += seconds
        record = current_request.get()
        if record is not None:
            record.statements += 1
            record.database_seconds += seconds
            if record.trace is not None:
                record.trace.note_statement(sql, seconds)
        if seconds >= self.slow_seconds:
            self.slow_statements += 1
            logger.warning(
                "A statement was slow.",
                extra={
                    "statement": sql[:_LONGEST_TEXT],
                    "duration_ms": round(seconds * 1000, 3),
                },
            )

    def note_wait(self, began: float) -> None:
        """Count a wait for a connection or the turn to write that has just ended."""
        seconds = perf_counter() - began
        self.waits += 1
        self.wait_seconds += seconds
        self.longest_wait_seconds = max(self.longest_wait_seconds, seconds)
        record = current_request.get()
        if record is not None:
            record.database_seconds += seconds

    def note_commit(self, began: float) -> None:
        """Count a transaction that has just become durable."""
        self.commits += 1
        self.note_statement("COMMIT", began)

    def note_batch(self, transactions: int) -> None:
        """Count a commit that ended so many transactions."""
        self.batches[transactions] = self.batches.get(transactions, 0) + 1
