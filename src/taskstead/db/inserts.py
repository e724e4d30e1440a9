"""Sending several INSERTs in one round trip.

PostgreSQL runs data-modifying statements in a WITH clause as one statement, whose foreign keys and
triggers are checked at its end (postgresql.org, "Data-Modifying Statements in WITH"). Creating a
task inserts into four tables; together they cost one round trip instead of four.
"""

import re
from functools import lru_cache
from typing import Any

_PLACEHOLDER = re.compile(r"\$(\d+)")

# Beyond that the statements differ too much from call to call to be kept prepared.
MAX_TOGETHER = 8


class PendingInserts:
    """INSERTs of one row each that wait to be sent together, in the order they came in."""

    def __init__(self) -> None:
        self._statements: list[str] = []
        self._values: list[Any] = []

    def __bool__(self) -> bool:
        return bool(self._statements)

    def can_add(self, sql: str, count: int) -> bool:
        """Tell whether a statement can wait, once for each of so many rows.

        The parts of one statement do not see each other's rows. So what selects does not wait, and
        of what might change a row that is there (ON CONFLICT) there is one at most.
        """
        if not sql.startswith("INSERT") or "SELECT" in sql:
            return False
        if "ON CONFLICT" in sql and (count > 1 or sql in self._statements):
            return False
        return len(self._statements) + count <= MAX_TOGETHER

    def add(self, sql: str, values: list[Any]) -> None:
        """Have an INSERT wait."""
        self._statements.append(sql)
        self._values += values

    def take(self) -> tuple[str, list[Any]]:
        """Return all that wait as one statement with its values; nothing waits any more."""
        sql, values = _join_inserts(tuple(self._statements)), self._values
        self._statements, self._values = [], []
        return sql, values


@lru_cache(maxsize=512)
def _join_inserts(statements: tuple[str, ...]) -> str:
    """Return one statement that does all; its placeholders are numbered through."""
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
