"""What happens to the open sub-tasks of a task that is completed, moved or trashed."""

from typing import Annotated, Literal

from pydantic import Field

SubtaskChoice = Literal["complete", "keep", "refuse"]
"""``complete`` completes the open sub-tasks too, ``keep`` keeps them, and ``refuse`` rejects the
request if there are any. ``services/tasks/subtasks/`` implements them."""

WRITE_DESCRIPTION = (
    "If the request completes the task or changes its parent, category or place: complete its open "
    "sub-tasks too, keep them open (the default), or refuse with 409 `open_subtasks` if there are "
    "any."
)
TRASH_DESCRIPTION = (
    "`complete`: complete the open sub-tasks before they are trashed. `keep`: trash only the task; "
    "its sub-tasks move to its parent. `refuse`: 409 `open_subtasks` if there are open sub-tasks. "
    "Default: trash all sub-tasks."
)
# Fields of bulk operations. The parameters of the single requests have the same descriptions.
SubtasksField = Annotated[SubtaskChoice | None, Field(description=WRITE_DESCRIPTION)]
TrashSubtasksField = Annotated[SubtaskChoice | None, Field(description=TRASH_DESCRIPTION)]
