"""What pydantic finds wrong, as our own errors: JSON pointers (RFC 6901) instead of its paths.

And in other words than its own, where those are for who writes Python.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from taskstead.errors import FieldError

# Where pydantic speaks of Python, or leaves open what is wrong.
_OBJECT_NEEDED = "A JSON object is needed"
_IN_OTHER_WORDS = {
    "model_attributes_type": _OBJECT_NEEDED,
    "model_type": _OBJECT_NEEDED,
    "extra_forbidden": "There is no field of this name",
    "string_unicode": "Surrogates that do not make a pair are not allowed in text",
}


def list_faults(error: ValidationError, value: object) -> tuple[FieldError, ...]:
    """Return all that is wrong with a value, with pointers into it."""
    found = error.errors(include_url=False, include_input=False)
    return tuple(
        FieldError(make_pointer(wrong["loc"], wrong, value), describe_fault(wrong), wrong["type"])
        for wrong in found
    )


def describe_fault(wrong: Mapping[str, Any]) -> str:
    """Return what one of pydantic's errors says, in words for people who send JSON."""
    message: str = wrong["msg"]
    return _IN_OTHER_WORDS.get(wrong["type"], message)


def make_pointer(path: Iterable[str | int], wrong: Mapping[str, Any], value: object) -> str:
    """Return the JSON pointer for one of pydantic's errors.

    Its path also names members of unions, which are not in the input: those are left out.

    Args:
        path: pydantic's ``loc``, from the value on.
        wrong: pydantic's error.
        value: the input that it is about.
    """
    steps = list(path)
    found: list[str] = []
    for number, step in enumerate(steps, start=1):
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif _has_index(value, step):
            value = value[step]  # type: ignore[index] # just looked at
        elif number < len(steps) or wrong["type"] != "missing":
            continue
        found.append(str(step))
    if wrong["type"].startswith("union_tag"):
        found.append(str(wrong["ctx"]["discriminator"]).strip("'"))
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in found)


def _has_index(value: object, step: str | int) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str | bytes)
        and isinstance(step, int)
        and step < len(value)
    )
