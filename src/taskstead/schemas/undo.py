"""Undo on the wire: what has come of it, and what stood against it."""

from typing import Annotated, Any, Literal

from pydantic import Field

from taskstead.schemas.base import Output

ConflictCode = Literal[
    "changed",
    "purged",
    "in_use",
    "name_taken",
    "category_gone",
    "category_trashed",
    "tag_gone",
    "tag_trashed",
    "parent_gone",
    "parent_trashed",
    "cycle",
    "depth",
    "not_a_member",
    "zone_without_date",
]


class UndoConflict(Output):
    """One thing that stands against an undo."""

    kind: Literal["category", "tag", "task"]
    id: str
    field: Annotated[
        str | None,
        Field(
            description="As in the log (`title`, `category_id`, …); `tasks` and `subtasks` for "
            "what hangs on it; null for the whole thing."
        ),
    ]
    expected: Annotated[
        Any, Field(description="For `changed` and `in_use`: what it would have to be now.")
    ]
    present: Annotated[
        Any, Field(description="What it is now; for the other codes the id of what is in the way.")
    ]
    code: Annotated[
        ConflictCode,
        Field(
            description="`changed`: it has another value now. `in_use`: other tasks hang on what "
            "would go to the trash. `purged`: it was deleted for good. The others say why the old "
            "value cannot be put back as things are now."
        ),
    ]
    message: str
    forcible: Annotated[
        bool, Field(description="Whether `force=true` undoes it nonetheless; else it is skipped.")
    ]


class Undone(Output):
    """What has come of an undo."""

    batch: Annotated[
        str | None,
        Field(description="The undo's own batch, to undo it by; null when nothing was to be done."),
    ]
    changes: Annotated[int, Field(description="How many things were changed.")]
    revision: Annotated[int | None, Field(description="The last of these changes.")]
    skipped: Annotated[
        list[UndoConflict],
        Field(description="With `force`: what could not be put back, the first hundred."),
    ]
