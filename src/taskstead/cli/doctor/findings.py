"""The result type of the checks of ``taskstead doctor``."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. ``--json`` prints its attributes.

    Attributes:
        check: name of the check.
        level: ``problem`` if something does not work or endangers data; ``warning`` if the state
            may be intended.
        message: a sentence that describes the state.
        fix: the suggested fix, one or more sentences; empty for ``ok``.
    """

    check: str
    level: Level
    message: str
    fix: str = ""
