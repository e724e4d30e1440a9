"""Base classes of all schemas: request bodies, responses and pages."""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")

# The default of an optional field that has no null value. No code reads it: `model_fields_set` and
# the methods that use it say which fields were sent.
UNSENT: Any = None


class Input(BaseModel):
    """A request body.

    Unknown fields are rejected, so that a misspelt field is not ignored silently. Values are not
    converted: ``"3"`` is not a number and ``1`` is not a boolean.
    """

    model_config = ConfigDict(extra="forbid", strict=True)


def drop_defaults(schema: dict[str, Any]) -> None:
    """Remove the defaults from a JSON schema: in a PATCH, an omitted field keeps its value."""
    for field in schema["properties"].values():
        field.pop("default", None)


class Patch(Input):
    """Changes to a resource. Omitted fields keep their values."""

    model_config = ConfigDict(json_schema_extra=drop_defaults)

    def list_values(self) -> dict[str, Any]:
        """Return the values of the fields that were sent, by name."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Output(BaseModel):
    """A response body. The class is used for the OpenAPI document only.

    Responses are encoded directly from database rows. Tests check that they match the schema. No
    field has a default, because all fields are always present.
    """

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Page(Output, Generic[Item]):
    """One page of a listing."""

    items: list[Item]
    next_cursor: Annotated[
        str | None,
        Field(description="Send it as `cursor` to get the next page. Null on the last page."),
    ]
