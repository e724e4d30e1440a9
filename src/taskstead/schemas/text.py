"""Types of text fields, with their limits."""

import zoneinfo
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from taskstead.domain.names import CONTROL_CHARACTER, VISIBLE_CHARACTER
from taskstead.domain.quick_add.language import list_languages
from taskstead.ids import parse_id


def _check_text(text: str) -> str:
    """Reject NUL, which PostgreSQL cannot store; pydantic rejects lone surrogates."""
    if "\x00" in text:
        code = "nul_character"
        raise PydanticCustomError(code, "NUL characters are not allowed in text")
    return text


def _check_visible(text: str) -> str:
    if not VISIBLE_CHARACTER.search(text):
        code = "invisible_text"
        raise PydanticCustomError(code, "Text should have at least one visible character")
    return text


def _check_name(text: str) -> str:
    if CONTROL_CHARACTER.search(text):
        code = "control_character"
        raise PydanticCustomError(
            code, "Control characters, such as line breaks and tabs, are not allowed in names"
        )
    return _check_visible(text)


def _check_id(text: str) -> str:
    try:
        return parse_id(text)
    except ValueError:
        code = "uuid"
        raise PydanticCustomError(code, "Input should be a UUID") from None


@cache
def _get_time_zones() -> frozenset[str]:
    # "localtime" is the zone of the machine, which differs between machines.
    return frozenset(zoneinfo.available_timezones() - {"localtime"})


def _check_time_zone(name: str) -> str:
    if name not in _get_time_zones():
        code = "time_zone"
        raise PydanticCustomError(
            code, "Input should be an IANA time zone, for example Europe/Berlin or Etc/UTC"
        )
    return name


def _check_language(code: str) -> str:
    if code not in list_languages():
        error = "language"
        raise PydanticCustomError(
            error,
            "Input should be a supported language: {languages}",
            {"languages": ", ".join(list_languages())},
        )
    return code


_Checked = AfterValidator(_check_text)
_CheckedName = AfterValidator(_check_name)


def _make_line_constraints(maximum: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=maximum)


Title = Annotated[str, _make_line_constraints(500), _Checked, AfterValidator(_check_visible)]
StorableText = Annotated[str, _Checked]
Description = Annotated[str, StringConstraints(max_length=100_000), _Checked]
CategoryName = Annotated[str, _make_line_constraints(200), _Checked, _CheckedName]
TagName = Annotated[str, _make_line_constraints(100), _Checked, _CheckedName]
# Names in filters are not checked for control characters, which names from earlier versions may
# contain.
CategoryToFind = Annotated[str, _make_line_constraints(200), _Checked]
TagToFind = Annotated[str, _make_line_constraints(100), _Checked]
PersonName = Annotated[str, _make_line_constraints(200), _Checked, _CheckedName]
Label = Annotated[str, _make_line_constraints(200), _Checked, _CheckedName]
Color = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Uuid = Annotated[
    str,
    StringConstraints(max_length=50),
    AfterValidator(_check_id),
    WithJsonSchema({"type": "string", "format": "uuid"}),
]
ChosenId = Annotated[
    Uuid | None,
    Field(
        description="An id chosen by the client, preferably a UUIDv7. Default: created by the "
        "server."
    ),
]
TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_check_time_zone)]
Language = Annotated[str, StringConstraints(max_length=10), AfterValidator(_check_language)]
QuickAddText = Annotated[str, StringConstraints(max_length=2000), _Checked]
