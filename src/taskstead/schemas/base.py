"""Base classes of all schemas: request bodies, responses and pages."""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")


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
