"""Path parameters: ids, and references to tasks by id or number."""

from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from taskstead.ids import parse_id, parse_number
from taskstead.schemas.text import Uuid


def _check_reference(text: str) -> str:
    if parse_number(text) is not None:
        return text
    try:
        return parse_id(text)
    except ValueError:
        code = "task_reference"
        raise PydanticCustomError(code, "Input should be a task's id (a UUID) or number") from None


IdParameter = Annotated[Uuid, Path(description="A UUID.")]
TaskReferenceParameter = Annotated[
    str,
    StringConstraints(max_length=50),
    AfterValidator(_check_reference),
    Path(description="The task's id (a UUID) or its number.", examples=["42"]),
]
