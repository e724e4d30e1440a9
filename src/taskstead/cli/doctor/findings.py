"""The result type of a check."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. ``--json`` prints its attributes.

    Attributes:
        check: name of the check.
        level: ``problem`` if something does not work or endangers data; ``warning`` if it may be
            intended.
        message: a sentence about the state.
        mending: a sentence about how to fix it; empty for ``ok``.
    """

    check: str
    level: Level
    message: str
    mending: str = ""
