"""Query statistics of a database: statements, transactions and waits for connections.

The counters are plain numbers, because each request updates them several times. Slow statements are
logged. Their parameters are not logged, because they may be user data.
"""

import logging
import math
from time import perf_counter

from taskstead.observability.request_record import current_request

# Maximum length of a statement in the log.
_MAX_STATEMENT_LENGTH = 4000

logger = logging.getLogger("taskstead.database")


class Meter:
    """Statistics of one open database. Times are seconds.

    Attributes:
        slow_seconds: minimum duration of a statement that is logged as slow.
        statements: number of statements.
        statement_seconds: total duration of statements.
        slow_statements: number of slow statements.
        commits: number of committed transactions.
        rollbacks: number of transactions that were rolled back.
        waits: number of waits for a connection or the write lock.
        wait_seconds: total duration of the waits.
        longest_wait_seconds: duration of the longest wait.
        batches: the number of COMMITs by the number of transactions that they committed. On SQLite,
            several transactions share a COMMIT.
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
        """Record a completed statement.

        Args:
            sql: the text of the statement.
            began: when the statement began, a value of ``perf_counter``.
        """
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
                    "statement": sql[:_MAX_STATEMENT_LENGTH],
                    "duration_ms": round(seconds * 1000, 3),
                },
            )

    def note_wait(self, began: float) -> None:
        """Record a completed wait for a connection or the write lock.

        Args:
            began: when the wait began, a value of ``perf_counter``.
        """
        seconds = perf_counter() - began
        self.waits += 1
        self.wait_seconds += seconds
        self.longest_wait_seconds = max(self.longest_wait_seconds, seconds)
        record = current_request.get()
        if record is not None:
            record.database_seconds += seconds

    def note_commit(self, began: float) -> None:
        """Record a committed transaction.

        Args:
            began: when its COMMIT began, a value of ``perf_counter``.
        """
        self.commits += 1
        self.note_statement("COMMIT", began)

    def note_batch(self, transactions: int) -> None:
        """Record a COMMIT that committed this number of transactions."""
        self.batches[transactions] = self.batches.get(transactions, 0) + 1
