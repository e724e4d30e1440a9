"""Validation errors: JSON pointers into the input, and messages for API clients."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from taskstead.errors import FieldError
from taskstead.formats.json.validation_errors import list_field_errors
from taskstead.schemas.base import Input


class Point(Input):
    """A nested object."""

    x: int


class Rename(Input):
    """One kind of an action."""

    op: Literal["rename"]
    name: str


class Move(Input):
    """Another kind of an action."""

    op: Literal["move"]
    to: Point | Literal["start", "end"]


class Body(Input):
    """A request body."""

    title: Annotated[str, Field(max_length=9)]
    points: list[Point] = []  # noqa: RUF012 - pydantic copies it
    named: dict[str, Point] = {}  # noqa: RUF012 - pydantic copies it
    action: Annotated[Rename | Move, Field(discriminator="op")] | None = None


ADAPTER = TypeAdapter(Body)


def find_errors(value: Any) -> tuple[FieldError, ...]:
    """Return the field errors of an invalid body."""
    with pytest.raises(ValidationError) as caught:
        ADAPTER.validate_python(value)
    return list_field_errors(caught.value, value)


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"title": 1}, "/title", "string_type"),
        ({"points": {}}, "/points", "list_type"),
        ({"points": [{"x": 1}, {"x": "1"}]}, "/points/1/x", "int_type"),
        ({"points": [{}]}, "/points/0/x", "missing"),
        ({"named": {"a/b~c": {"x": None}}}, "/named/a~1b~0c/x", "int_type"),
        ({"named": {"0": {"x": None}}}, "/named/0/x", "int_type"),
        ({"color": 1}, "/color", "extra_forbidden"),
        # pydantic's path contains the name of the union member.
        ({"action": {"op": "rename", "name": 1}}, "/action/name", "string_type"),
        ({"action": {"op": "rename"}}, "/action/name", "missing"),
        ({"action": {"op": "copy"}}, "/action/op", "union_tag_invalid"),
        ({"action": {}}, "/action/op", "union_tag_not_found"),
    ],
)
def test_pointer_leads_to_the_invalid_value(
    fields: dict[str, Any], pointer: str, code: str
) -> None:
    (error,) = find_errors({"title": "a", **fields})
    assert (error.pointer, error.code) == (pointer, code)


def test_errors_of_union_members_point_to_the_same_value() -> None:
    errors = find_errors({"title": "a", "action": {"op": "move", "to": "top"}})
    assert {error.pointer for error in errors} == {"/action/to"}


def test_missing_field_of_the_body_is_named() -> None:
    (error,) = find_errors({})
    assert error == FieldError("/title", "Field required", "missing")


@pytest.mark.parametrize(
    ("value", "pointer", "message"),
    [
        ([], "", "Input should be a JSON object"),
        ({"title": "a", "points": [1]}, "/points/0", "Input should be a JSON object"),
        ({"title": "a", "color": 1}, "/color", "Unknown field"),
        ({"title": "\ud800"}, "/title", "Unpaired surrogates are not allowed in text"),
        ({"title": 1}, "/title", "Input should be a valid string"),
    ],
)
def test_message_does_not_refer_to_python(value: Any, pointer: str, message: str) -> None:
    (error,) = find_errors(value)
    assert (error.pointer, error.message) == (pointer, message)


def test_every_error_is_listed() -> None:
    errors = find_errors({"points": [{}, {"y": 1}]})
    assert [error.pointer for error in errors] == [
        "/title",
        "/points/0/x",
        "/points/1/x",
        "/points/1/y",
    ]
