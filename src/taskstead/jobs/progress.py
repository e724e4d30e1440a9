"""How far a job has come: written with each chunk of its work, in the same transaction."""

from typing import Any

import msgspec

MAX_FAULTS = 100


class Fault(msgspec.Struct, frozen=True):
    """Something that a job could not do, while it went on.

    Attributes:
        item: what it was: a task's number, a line.
        message: why, for people.
        code: why, for programs.
        pointer: the field (RFC 6901), where there is one.
    """

    item: int
    message: str
    code: str
    pointer: str | None = None


class Progress(msgspec.Struct):
    """How far a job has come.

    Attributes:
        done: items gone through, failed ones too.
        total: how many there are; None while that is not known.
        failed: items that could not be done.
        faults: the first of them, with reasons.
        cursor: where the work goes on; its meaning is the kind's.
        result: counts to tell at the end.
        batches: ids of the batches that the job has written to the log, in order.
        revision: of the workspace after the last of them.
    """

    done: int = 0
    total: int | None = None
    failed: int = 0
    faults: list[Fault] = msgspec.field(default_factory=list)
    cursor: dict[str, Any] = msgspec.field(default_factory=dict)
    result: dict[str, int] = msgspec.field(default_factory=dict)
    batches: list[str] = msgspec.field(default_factory=list)
    revision: int | None = None

    def note_fault(self, fault: Fault) -> None:
        """Count something that could not be done; keep the reason of the first hundred."""
        self.failed += 1
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(fault)

    def note_batch(self, batch_id: str, revision: int) -> None:
        """Record a batch that a chunk writes to the log, in the transaction of the chunk."""
        self.batches.append(batch_id)
        self.revision = revision

    def count(self, name: str, number: int) -> None:
        """Add to one of the counts of the result."""
        self.result[name] = self.result.get(name, 0) + number


def read_progress(stored: Any) -> Progress:
    """Return the progress that a job's row holds."""
    return msgspec.convert(stored, Progress)


def store_progress(progress: Progress) -> dict[str, Any]:
    """Return the progress as a job's row holds it."""
    stored: dict[str, Any] = msgspec.to_builtins(progress)
    return stored
