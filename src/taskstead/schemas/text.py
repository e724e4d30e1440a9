"""The kinds of text that fields take, their limits, and the caseless form of names."""

import re
import unicodedata
import zoneinfo
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from taskstead.ids import parse_id

_COLOUR = r"^#[0-9a-fA-F]{6}$"


def _check_text(text: str) -> str:
    """Refuse NUL, which PostgreSQL cannot hold; pydantic itself refuses lone surrogates."""
    if "\x00" in text:
        code = "nul_character"
        raise PydanticCustomError(code, "NUL characters are not allowed in text")
    return text


def _check_id(text: str) -> str:
    try:
        return parse_id(text)
    except ValueError:
        code = "uuid"
        raise PydanticCustomError(code, "A UUID is needed") from None


@cache
def _get_time_zones() -> frozenset[str]:
    # Not a zone but whichever one a machine is set to, and another on the next machine.
    return frozenset(zoneinfo.available_timezones() - {"localtime"})


def _check_time_zone(name: str) -> str:
    if name not in _get_time_zones():
        code = "time_zone"
        raise PydanticCustomError(
            code, "An IANA time zone is needed, as in Europe/Berlin or Etc/UTC"
        )
    return name


_Checked = AfterValidator(_check_text)


def _line(maximum: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=maximum)


Title = Annotated[str, _line(500), _Checked]
Description = Annotated[str, StringConstraints(max_length=100_000), _Checked]
CategoryName = Annotated[str, _line(200), _Checked]
TagName = Annotated[str, _line(100), _Checked]
PersonName = Annotated[str, _line(200), _Checked]
Label = Annotated[str, _line(200), _Checked]
Colour = Annotated[str, StringConstraints(pattern=_COLOUR)]
Uuid = Annotated[
    str,
    StringConstraints(max_length=50),
    AfterValidator(_check_id),
    WithJsonSchema({"type": "string", "format": "uuid"}),
]
TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_check_time_zone)]


def make_name_key(name: str) -> str:
    """Return the form by which two names are the same (Unicode 3.13, canonical caseless match)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


_NUMBER = re.compile(r"[1-9][0-9]{0,17}\Z")


def parse_number(text: str) -> int | None:
    """Return the task number that the text is, or None when it is not one."""
    return int(text) if _NUMBER.match(text) else None
