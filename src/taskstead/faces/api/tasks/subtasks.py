"""The query parameter that says what happens to the open sub-tasks of a task."""

from typing import Annotated

from fastapi import Query

from taskstead.schemas.tasks.subtasks import (
    TRASH_DESCRIPTION,
    WRITE_DESCRIPTION,
    SubtaskChoice,
)

SubtasksParameter = Annotated[SubtaskChoice | None, Query(description=WRITE_DESCRIPTION)]
TrashSubtasksParameter = Annotated[SubtaskChoice | None, Query(description=TRASH_DESCRIPTION)]
