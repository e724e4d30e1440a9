"""What pydantic finds wrong, as our own errors: JSON pointers (RFC 6901) instead of its paths."""

from collections.abc import Sequence

from pydantic import ValidationError

from taskstead.errors import FieldError


def make_pointer(path: Sequence[str | int], code: str) -> str:
    """Return the JSON pointer for one of pydantic's paths.

    Only what is in the input: names of union members, which pydantic adds, have brackets or
    dashes, which no field of ours has; the name of an unknown field may be anything.

    Args:
        path: pydantic's ``loc``.
        code: pydantic's ``type``.
    """
    last = len(path) if code == "extra_forbidden" else 0
    steps = [
        str(step)
        for number, step in enumerate(path, start=1)
        if number == last or str(step).replace("_", "a").isalnum()
    ]
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)


def list_faults(error: ValidationError, *, tags: Sequence[str] = ()) -> tuple[FieldError, ...]:
    """Return all that is wrong, with pointers into the input.

    Args:
        error: pydantic's.
        tags: the tags of a union at the top, which pydantic puts before the path.
    """
    found = []
    for wrong in error.errors(include_url=False, include_context=False, include_input=False):
        path = wrong["loc"][1:] if wrong["loc"][:1] and wrong["loc"][0] in tags else wrong["loc"]
        pointer = make_pointer(path, wrong["type"])
        found.append(FieldError(pointer, wrong["msg"], wrong["type"]))
    return tuple(found)
