"""Progress of a job. It is stored in the transaction of each chunk."""

from typing import Any

import msgspec

MAX_FAILED_ITEMS = 100


class FailedItem(msgspec.Struct, frozen=True):
    """An item that a job could not process. The job continues with the next item.

    Attributes:
        item: the task's number or the line number in the file.
        message: the reason, for people.
        code: the reason, for programs.
        pointer: JSON pointer (RFC 6901) to the invalid field, if any.
    """

    item: int
    message: str
    code: str
    pointer: str | None = None


class Progress(msgspec.Struct):
    """The progress of a job.

    Attributes:
        done: number of items processed, including failed ones.
        total: number of items, or None if it is not known yet.
        failed: number of items that could not be processed.
        faults: the first :data:`MAX_FAILED_ITEMS` of them, with reasons.
        cursor: position of the next chunk; its content depends on the kind of job.
        result: named counts for the job's result.
        batches: ids of the batches that the job wrote to the change log, in order.
        revision: revision of the workspace after the last of these batches.
    """

    done: int = 0
    total: int | None = None
    failed: int = 0
    faults: list[FailedItem] = msgspec.field(default_factory=list)
    cursor: dict[str, Any] = msgspec.field(default_factory=dict)
    result: dict[str, int] = msgspec.field(default_factory=dict)
    batches: list[str] = msgspec.field(default_factory=list)
    revision: int | None = None

    def add_failed_item(self, item: FailedItem) -> None:
        """Count a failed item; store the reasons of the first :data:`MAX_FAILED_ITEMS`."""
        self.failed += 1
        if len(self.faults) < MAX_FAILED_ITEMS:
            self.faults.append(item)

    def add_batch(self, batch_id: str, revision: int) -> None:
        """Record a batch of the change log that the current chunk writes."""
        self.batches.append(batch_id)
        self.revision = revision

    def count(self, name: str, number: int) -> None:
        """Add a number to a count of the result."""
        self.result[name] = self.result.get(name, 0) + number


def read_progress(stored: Any) -> Progress:
    """Return the progress stored in a job's row."""
    return msgspec.convert(stored, Progress)


def store_progress(progress: Progress) -> dict[str, Any]:
    """Return the progress in the form stored in a job's row."""
    stored: dict[str, Any] = msgspec.to_builtins(progress)
    return stored
