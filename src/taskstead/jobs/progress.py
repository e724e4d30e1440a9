"""Progress of a background job.

A job runs in chunks. Each chunk stores the progress in its transaction.
"""

from typing import Any

import msgspec

MAX_FAILED_ITEMS = 100


class FailedItem(msgspec.Struct, frozen=True):
    """An item that a job could not process. The job continues with the next item.

    Attributes:
        item: the task's number or the line number in the file.
        message: human-readable reason.
        code: machine-readable reason.
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
        faults: the first :data:`MAX_FAILED_ITEMS` failed items, with reasons.
        cursor: start of the next chunk. Its content depends on the kind of job.
        result: named counts for the job's result.
        batches: ids of the batches (one per chunk) in the change log that the job wrote, in order.
        revision: revision of the workspace after the last batch.
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
        """Count a failed item, and store it unless :data:`MAX_FAILED_ITEMS` are stored already."""
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


def read_progress(stored: dict[str, Any]) -> Progress:
    """Return the progress stored in a job's row."""
    return msgspec.convert(stored, Progress)


def store_progress(progress: Progress) -> dict[str, Any]:
    """Return the progress in the form stored in a job's row."""
    stored: dict[str, Any] = msgspec.to_builtins(progress)
    return stored
