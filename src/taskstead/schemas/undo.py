"""Schemas of undo: results and conflicts."""

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
    """A conflict that prevents an undo."""

    kind: Literal["category", "tag", "task"]
    id: str
    field: Annotated[
        str | None,
        Field(
            description="The field name in the change log (`title`, `category_id`, …); `tasks` or "
            "`subtasks` for dependent tasks; null for the whole row."
        ),
    ]
    expected: Annotated[
        Any, Field(description="For `changed` and `in_use`, the value required for the undo.")
    ]
    present: Annotated[
        Any, Field(description="The current value; for other codes, the id of the conflicting row.")
    ]
    code: Annotated[
        ConflictCode,
        Field(
            description="`changed`: the value was changed after the change to undo. `in_use`: "
            "other tasks depend on the row that would be trashed. `purged`: the row was "
            "permanently deleted. The other codes state why the old value cannot be restored."
        ),
    ]
    message: str
    forcible: Annotated[
        bool,
        Field(
            description="True if the change is undone despite the conflict with `force=true`. "
            "False if the change is then skipped."
        ),
    ]


class Undone(Output):
    """The result of an undo."""

    batch: Annotated[
        str | None,
        Field(
            description="The id of the batch that the undo wrote. You can undo this batch too. "
            "Null if nothing was changed."
        ),
    ]
    changes: Annotated[int, Field(description="The number of changed rows.")]
    revision: Annotated[int | None, Field(description="The revision of the last change.")]
    skipped: Annotated[
        list[UndoConflict],
        Field(description="With `force`, the first hundred changes that could not be undone."),
    ]
