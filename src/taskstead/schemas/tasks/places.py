"""Schema of the target position of a move in the manual order.

The target is relative to another task. ``domain/fractional_index.py`` defines the keys that store
positions.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from taskstead.schemas.base import UNSENT, Input, drop_defaults
from taskstead.schemas.tasks.references import TaskReference

# A subclass has more fields.
_CHOICE = frozenset(("before", "after", "to"))


def _describe_choice(schema: dict[str, Any]) -> None:
    drop_defaults(schema)
    schema |= {"minProperties": 1, "maxProperties": 1}
    schema["examples"] = [{"before": 7}, {"to": "start"}]


class TaskPlace(Input):
    """A position in the manual order: exactly one of the three fields."""

    model_config = ConfigDict(json_schema_extra=_describe_choice)

    before: Annotated[
        TaskReference, Field(description="Directly before this task, by id or number.")
    ] = UNSENT
    after: Annotated[
        TaskReference, Field(description="Directly after this task, by id or number.")
    ] = UNSENT
    to: Annotated[
        Literal["start", "end"], Field(description="Before or after all other tasks.")
    ] = UNSENT

    @model_validator(mode="after")
    def _check_choice(self) -> Self:
        if len(self.model_fields_set & _CHOICE) != 1:
            code = "one_place"
            raise PydanticCustomError(code, "Send exactly one of before, after and to")
        return self

    @property
    def reference(self) -> str | int | None:
        """The adjacent task; None for the start or the end."""
        if "to" in self.model_fields_set:
            return None
        return self.before if "before" in self.model_fields_set else self.after

    @property
    def is_before(self) -> bool:
        """Whether the position is before the adjacent task, or at the start."""
        if "to" in self.model_fields_set:
            return self.to == "start"
        return "before" in self.model_fields_set
