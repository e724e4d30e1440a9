"""The words of a text as keys for lookups, with what their meaning depends on."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from taskstead.domain.quick_add.language import Language
from taskstead.domain.quick_add.result import DateOrder

_ORDINAL = re.compile(r"([0-9]{1,2})([^0-9]*)")
_DIGITS = re.compile("[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of a text.

    Attributes:
        keys: the folded words, without a comma at their end. A word that is protected by a
            backslash or by quotation marks is empty, so that it matches nothing.
        language: the words with a meaning.
        now: the current time in the time zone of the user.
        date_order: the order of day and month in dates with slashes; None if they are no dates.
    """

    keys: list[str]
    language: Language
    now: datetime
    date_order: DateOrder | None = None

    @property
    def today(self) -> date:
        """The current day in the time zone of the user."""
        return self.now.date()

    def get_key(self, index: int) -> str:
        """Return the key of a word; empty behind the last word."""
        return self.keys[index] if index < len(self.keys) else ""

    def read_number(self, index: int) -> int | None:
        """Return the number from 1 to 9999 that a word means, as digits or as a word."""
        key = self.get_key(index)
        if _DIGITS.fullmatch(key):
            return int(key) or None
        return self.language.numbers.get(key)

    def read_day_number(self, index: int, *, needs_suffix: bool = False) -> int | None:
        """Return the day of the month that a word means, such as "5" or "5th"."""
        found = _ORDINAL.fullmatch(self.get_key(index))
        if found is None or not 1 <= int(found[1]) <= 31:
            return None
        if found[2] == "":
            return None if needs_suffix else int(found[1])
        return int(found[1]) if found[2] in self.language.ordinal_suffixes else None

    def read_ordinal(self, index: int) -> int | None:
        """Return the number of "second" or "2nd", and -1 for "last"."""
        word = self.language.ordinals.get(self.get_key(index))
        return self.read_day_number(index, needs_suffix=True) if word is None else word
