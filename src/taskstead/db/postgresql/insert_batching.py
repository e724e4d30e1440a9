"""Batching of INSERTs on PostgreSQL: sends several INSERTs in one round trip.

The INSERTs are combined in the WITH clause of one statement. PostgreSQL checks foreign keys and
runs triggers at the end of that statement (postgresql.org, "Data-Modifying Statements in WITH").
For example, creating a task inserts into four tables and takes one round trip instead of four.
"""

import re
from functools import lru_cache
from typing import Any

_PLACEHOLDER = re.compile(r"\$(\d+)")

# Maximum number of INSERTs per batch. Longer batches differ too much from each other to benefit
# from prepared statements.
MAX_BATCH = 8


class PendingInserts:
    """Buffer of single-row INSERTs.

    They are sent together in the order in which they were added.
    """

    def __init__(self) -> None:
        self._statements: list[str] = []
        self._values: list[Any] = []

    def __bool__(self) -> bool:
        return bool(self._statements)

    def can_add(self, sql: str, count: int) -> bool:
        """Return whether a statement can be added ``count`` times.

        The statements of one batch do not see each other's rows. Therefore a statement with a
        SELECT cannot be added. A statement with ON CONFLICT may update a row, so it can be added
        only once.
        """
        if not sql.startswith("INSERT") or "SELECT" in sql:
            return False
        if "ON CONFLICT" in sql and (count > 1 or sql in self._statements):
            return False
        return len(self._statements) + count <= MAX_BATCH

    def add(self, sql: str, values: list[Any]) -> None:
        """Add an INSERT and the values of its placeholders."""
        self._statements.append(sql)
        self._values += values

    def take(self) -> tuple[str, list[Any]]:
        """Return the buffered INSERTs as one statement with its values, and empty the buffer."""
        sql, values = _join_inserts(tuple(self._statements)), self._values
        self._statements, self._values = [], []
        return sql, values


@lru_cache(maxsize=512)
def _join_inserts(statements: tuple[str, ...]) -> str:
    """Join the statements into one and renumber their placeholders."""
    renumbered = []
    offset = 0
    for sql in statements:
        numbers = [int(number) for number in _PLACEHOLDER.findall(sql)]
        renumbered.append(_shift_placeholders(sql, offset))
        offset += max(numbers, default=0)
    *first, last = renumbered
    if not first:
        return last
    parts = ", ".join(f"part_{index} AS ({sql})" for index, sql in enumerate(first))
    return f"WITH {parts} {last}"


def _shift_placeholders(sql: str, offset: int) -> str:
    return _PLACEHOLDER.sub(lambda match: f"${int(match[1]) + offset}", sql)
