"""Moves in the manual order on the wire. The keys of that order: ``ordering.py``."""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from taskstead.schemas.base import Input, drop_defaults
from taskstead.schemas.tasks import ParentReference


def _describe_choice(schema: dict[str, Any]) -> None:
    drop_defaults(schema)
    schema |= {"minProperties": 1, "maxProperties": 1}
    schema["examples"] = [{"before": 7}, {"to": "start"}]


class TaskMove(Input):
    """Where a task is to stand in the manual order: exactly one of the three."""

    model_config = ConfigDict(json_schema_extra=_describe_choice)

    before: Annotated[
        ParentReference, Field(description="Right before this task, by id or number.")
    ] = 0
    after: Annotated[
        ParentReference, Field(description="Right after this task, by id or number.")
    ] = 0
    to: Annotated[Literal["start", "end"], Field(description="Before or after all others.")] = "end"

    @model_validator(mode="after")
    def _check_choice(self) -> Self:
        if len(self.model_fields_set) != 1:
            code = "one_place"
            raise PydanticCustomError(code, "Exactly one of before, after and to is needed")
        return self
