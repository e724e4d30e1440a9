"""Schemas of undo: results."""

from typing import Annotated

from pydantic import Field

from taskstead.schemas.base import Output
from taskstead.schemas.problems import UndoConflict


class Undone(Output):
    """The result of an undo."""

    batch: Annotated[
        str | None,
        Field(
            description="The id of the batch that the undo wrote. You can undo this batch too. "
            "Null if nothing was changed, and for a dry run."
        ),
    ]
    changes: Annotated[int, Field(description="The number of changed rows.")]
    revision: Annotated[int | None, Field(description="The revision of the last change.")]
    skipped: Annotated[
        list[UndoConflict],
        Field(description="With `force`, the first hundred changes that could not be undone."),
    ]
