"""Conversion of pydantic validation errors to field errors.

Paths become JSON pointers (RFC 6901). Messages that refer to Python are replaced by messages for
API clients.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from taskstead.errors import FieldError, TextPosition

# Replacements for messages of pydantic that refer to Python or are unclear.
_OBJECT_EXPECTED = "Input should be a JSON object"
_MESSAGES = {
    "model_attributes_type": _OBJECT_EXPECTED,
    "model_type": _OBJECT_EXPECTED,
    "extra_forbidden": "Unknown field",
    "string_unicode": "Unpaired surrogates are not allowed in text",
}


def list_field_errors(error: ValidationError, value: object) -> tuple[FieldError, ...]:
    """Return the field errors of a validation error, with pointers into the value."""
    details = error.errors(include_url=False, include_input=False)
    return tuple(
        make_field_error(
            pydantic_error,
            make_pointer(pydantic_error["loc"], pydantic_error, value),
            describe_validation_error(pydantic_error),
        )
        for pydantic_error in details
    )


def make_field_error(pydantic_error: Mapping[str, Any], pointer: str, message: str) -> FieldError:
    """Return the field error of a pydantic error.

    The error of a text that is parsed has its position (``TextPosition``) in the context.
    """
    position = pydantic_error.get("ctx", {}).get("position")
    code: str = pydantic_error["type"]
    if not isinstance(position, TextPosition):
        return FieldError(pointer, message, code)
    return FieldError(pointer, message, code, position.start, position.end, position.expected)


def describe_validation_error(pydantic_error: Mapping[str, Any]) -> str:
    """Return the message of a pydantic error for API clients."""
    message: str = pydantic_error["msg"]
    return _MESSAGES.get(pydantic_error["type"], message)


def make_pointer(
    path: Iterable[str | int], pydantic_error: Mapping[str, Any], value: object
) -> str:
    """Return the JSON pointer for a pydantic error.

    pydantic's path also contains the names of union members. They are not part of the input and are
    omitted.

    Args:
        path: pydantic's ``loc``, relative to the value.
        pydantic_error: the pydantic error.
        value: the validated input.
    """
    steps = list(path)
    found_steps: list[str] = []
    for number, step in enumerate(steps, start=1):
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif _has_index(value, step):
            value = value[step]  # type: ignore[index] # checked above
        elif number < len(steps) or pydantic_error["type"] != "missing":
            continue
        found_steps.append(str(step))
    if pydantic_error["type"].startswith("union_tag"):
        found_steps.append(str(pydantic_error["ctx"]["discriminator"]).strip("'"))
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in found_steps)


def _has_index(value: object, step: str | int) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str | bytes)
        and isinstance(step, int)
        and step < len(value)
    )
