"""Typer commands that convert their usual values without pydantic, and have short help.

Typer converts each argument and option with pydantic, whose import takes longer than the rest of a
client command. The values of these commands are texts, small integers and choices, which need no
pydantic. Anything else, such as an invalid value, is left to Typer, which then reports the error.
"""

import types
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

from typer.core import TyperCommand


class LightCommand(TyperCommand):
    """Command that loads pydantic only for a value that :func:`convert` does not know."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments."""
        set_light_converters(self.get_params(ctx))
        return super().parse_args(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and options to the help; arguments without their Python types."""
        records: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is None:
                continue
            name, text = record
            if parameter.param_type_name == "option":
                records["Options"].append((name, text))
            elif text:
                records["Arguments"].append((name.partition(" <")[0], text))
        for title, rows in records.items():
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


def set_light_converters(parameters: Iterable[Any]) -> None:
    """Replace the converters of parameters.

    Typer stores its converter of a parameter in the same attribute when the parameter is used
    first. If a later version does not, commands work as before, but start more slowly.
    """
    for parameter in parameters:
        parameter._runtime_param = _LightValue()  # noqa: SLF001 - see the docstring


class _LightValue:
    """Converter of one parameter, in place of Typer's."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the value as the type of the parameter."""
        is_multiple = param.multiple or param.nargs == -1
        if value is None:
            return () if is_multiple else None
        try:
            return convert(value, param.type_descriptor.annotation, param.min, param.max)
        except (AttributeError, ValueError):
            param._runtime_param = None  # noqa: SLF001 - Typer makes its own converter
            return param.get_runtime_param().coerce(value, param=param, ctx=ctx)


def convert(value: Any, annotation: Any, least: float | None, most: float | None) -> Any:
    """Return a text, or the texts of a list, as the type of a parameter.

    Args:
        value: a text, a list or tuple of texts, or a default.
        annotation: the type: ``str``, ``int``, an enumeration, a ``Literal``, or a list or an
            optional value of one of them.
        least: the minimum of an integer, if any.
        most: the maximum of an integer, if any.

    Raises:
        ValueError: the value is not valid, or the type is not one of these.
    """
    kind = get_origin(annotation)
    if kind in {Union, types.UnionType}:
        (annotation,) = [item for item in get_args(annotation) if item is not types.NoneType]
        kind = get_origin(annotation)
    if kind is list:
        (annotation,) = get_args(annotation)
        return [convert(item, annotation, least, most) for item in value]
    if kind is Literal:
        return _choose(value, get_args(annotation))
    converter = _CONVERTERS.get(annotation)
    if converter is not None:
        return converter(value, least, most)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return annotation(value)
    raise ValueError("another type")


def _convert_text(value: Any, least: float | None, most: float | None) -> str:
    if not isinstance(value, str) or least is not None or most is not None:
        raise ValueError("not a text")
    return value


def _convert_number(value: Any, least: float | None, most: float | None) -> int:
    number = int(value)
    if (least is not None and number < least) or (most is not None and number > most):
        raise ValueError("out of range")
    return number


def _choose(value: Any, choices: tuple[Any, ...]) -> Any:
    if value not in choices:
        raise ValueError("not a choice")
    return value


_CONVERTERS: dict[Any, Callable[[Any, float | None, float | None], Any]] = {
    str: _convert_text,
    int: _convert_number,
}
