"""What all wire shapes share."""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class Input(BaseModel):
    """A request body.

    Unknown fields are refused: a misspelt one must not be lost in silence. Nothing is converted:
    ``"3"`` is no number and ``1`` no boolean.
    """

    model_config = ConfigDict(extra="forbid", strict=True)


def drop_defaults(schema: dict[str, Any]) -> None:
    """Take the defaults out of a JSON schema: in a PATCH, a field left out stays as it is."""
    for field in schema["properties"].values():
        field.pop("default", None)


class Output(BaseModel):
    """An answer, for the documentation; answers are encoded from rows, and tests hold them to it.

    No field has a default: each is always there.
    """

    model_config = ConfigDict(extra="forbid")


class Page(Output, Generic[Item]):
    """One page of a listing."""

    items: list[Item]
    next_cursor: Annotated[
        str | None,
        Field(description="Hand it back as `cursor` for the next page; null on the last one."),
    ]
