"""Preferences of clients: a JSON object of limited size, and its merge patches (RFC 7396)."""

import json
from typing import Any

from taskstead.errors import FieldError, ValidationFailedError

MAX_BYTES = 64 * 1024
MAX_DEPTH = 10


def encode_preferences(content: dict[str, Any]) -> str:
    """Return the JSON text of preferences.

    Raises:
        ValidationFailedError: they are too large or nested too deeply, or contain a value that JSON
            cannot represent: a number that is not finite, or half of a surrogate pair.
    """
    check_depth(content)
    try:
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        size = len(text.encode())
    except UnicodeEncodeError:
        raise _make_error("The text contains half of a surrogate pair.", "surrogate") from None
    except ValueError:
        raise _make_error("Numbers must be finite.", "finite_number") from None
    if size > MAX_BYTES:
        raise _make_error(
            f"The preferences have {size} bytes of JSON. Store at most {MAX_BYTES}.", "too_large"
        )
    return text


def check_depth(content: dict[str, Any]) -> None:
    """Check the depth of objects and arrays.

    Raises:
        ValidationFailedError: they are nested too deeply.
    """
    if not _is_shallow(content, MAX_DEPTH):
        raise _make_error(
            f"The preferences are nested too deeply. Use at most {MAX_DEPTH} levels.", "too_deep"
        )


def _is_shallow(value: object, levels: int) -> bool:
    if isinstance(value, dict):
        return levels > 0 and all(_is_shallow(inner, levels - 1) for inner in value.values())
    if isinstance(value, list):
        return levels > 0 and all(_is_shallow(inner, levels - 1) for inner in value)
    return True


def _make_error(message: str, code: str) -> ValidationFailedError:
    return ValidationFailedError(message, errors=[FieldError("", message, code)])


def merge_patch(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Return the object after a merge patch (RFC 7396, section 2): null removes a key."""
    result = dict(target)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            old = result.get(key)
            result[key] = merge_patch(old if isinstance(old, dict) else {}, value)
        else:
            result[key] = value
    return result
