"""What a check has found."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        check: what was looked at.
        level: ``problem`` for what keeps it from working or endangers data; ``warning`` for what
            may be meant so.
        message: a sentence about how it is.
        mending: a sentence about what to do; empty for ``ok``.
    """

    check: str
    level: Level
    message: str
    mending: str = ""
