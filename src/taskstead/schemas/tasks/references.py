"""References to tasks in request bodies: by id or by number."""

from typing import Annotated, Any

from pydantic import Field, ValidationError, WrapValidator
from pydantic_core import PydanticCustomError

from taskstead.schemas.text import Uuid


def _check_reference(value: Any, validate: Any) -> Any:
    """Report one error for an invalid reference instead of one per union member."""
    try:
        return validate(value)
    except ValidationError:
        code = "task_reference"
        raise PydanticCustomError(code, "Input should be a task's id (a UUID) or number") from None


TaskReference = Annotated[
    Annotated[int, Field(ge=1, lt=10**18)] | Uuid, WrapValidator(_check_reference)
]
