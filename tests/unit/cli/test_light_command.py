"""Conversion of arguments without pydantic."""

from enum import StrEnum
from typing import Any, Literal

import pytest

from taskstead.cli.light_command import convert
from tests.harness.commands import run_command


class Color(StrEnum):
    """A choice."""

    RED = "red"


@pytest.mark.parametrize(
    ("value", "annotation", "converted"),
    [
        ("x", str, "x"),
        ("x", str | None, "x"),
        (("x", "y"), list[str], ["x", "y"]),
        (("x",), list[str] | None, ["x"]),
        ("12", int, 12),
        (50, int, 50),
        ("red", Color | None, Color.RED),
        (("red",), list[Color] | None, [Color.RED]),
        ("a", Literal["a", "b"] | None, "a"),
    ],
)
def test_value_has_the_type_of_the_parameter(
    value: Any, annotation: Any, converted: object
) -> None:
    assert convert(value, annotation, None, None) == converted


@pytest.mark.parametrize(
    ("value", "annotation"),
    [("x", int), ("9", int), ("0", int), ("blue", Color), ("c", Literal["a"]), ("x", bytes)],
)
def test_other_value_is_left_to_typer(value: str, annotation: Any) -> None:
    with pytest.raises(ValueError, match=r"invalid literal|out of range|not a |another type"):
        convert(value, annotation, 1, 5)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("add", "x", "--priority", "9"), "less than or equal to 5"),
        (("add", "x", "--priority", "high"), "valid integer"),
        (("list", "--limit", "0"), "greater than or equal to 1"),
        (("edit", "1", "--clear", "title"), "due"),
        (("add", "x", "--repeat-mode", "daily"), "schedule"),
        (("add",), "Missing argument 'TITLE'"),
    ],
)
def test_invalid_value_is_reported(command: tuple[str, ...], message: str) -> None:
    result = run_command(*command)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
