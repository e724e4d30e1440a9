"""Output of client commands: tables on a terminal, tab-separated values in a pipe, or JSON.

Data goes to standard output and messages go to standard error. Other members of a workspace write
titles, so control characters and bidirectional characters are escaped on a terminal.
"""

import contextlib
import io
import json
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

_BIDIRECTIONAL = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_CONTROL = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029{_BIDIRECTIONAL}]")
_JSON_CONTROL = re.compile(f"[\x7f-\x9f\u2028\u2029{_BIDIRECTIONAL}]")
_NAMED = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_JOINER, _EMOJI_SELECTOR, _SOFT_HYPHEN = "\u200d", "\ufe0f", "\u00ad"
_SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
# Vowels and final consonants of Hangul, which are drawn in the columns of the first consonant.
_JAMO_AFTER_FIRST = frozenset(map(chr, range(0x1160, 0x1200)))
_SEPARATOR = "  "
_MIN_WIDE_COLUMN = 10
_BOLD, _DIM, _RED, _END = "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[0m"
# The column that is shortened to the width of the terminal.
_FLEXIBLE = ("title", "name", "changes")
_HEADINGS = {"number": "No.", "due_date": "Due", "at": "Time"}

Item = Mapping[str, Any]


def escape(text: str, *, keep: str = "") -> str:
    r"""Return a text without characters that control a terminal, such as ``\x1b`` for ESC.

    Args:
        text: the text.
        keep: control characters that stay.
    """

    def replace(match: re.Match[str]) -> str:
        character = match[0]
        if character in keep:
            return character
        code = ord(character)
        return _NAMED.get(character) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")

    return _CONTROL.sub(replace, text)


def encode_json(value: Any) -> str:
    """Return a value as one line of JSON, with control characters as escape sequences."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _JSON_CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def format_value(value: Any) -> str:
    """Return a field of an API object as text: the name of an object, a list with commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return format_value(value.get("name") or value.get("id"))
    if isinstance(value, list):
        return ", ".join(map(format_value, value))
    return str(value)


def measure_width(text: str) -> int:
    """Return the number of terminal columns that a text takes."""
    if text.isascii():
        return len(text)
    return sum(_measure_characters(text))


def _measure_characters(text: str) -> Iterator[int]:
    """Yield the number of terminal columns that each character adds.

    An emoji that consists of several characters takes two columns, as in the terminals that draw it
    as one picture (UTS 51): with the joiner U+200D, a skin tone or the selector U+FE0F.
    """
    previous, width = "", 0
    for character in text:
        if width == 2 and (previous == _JOINER or character in _SKIN_TONES):
            columns = 0
        elif character == _EMOJI_SELECTOR:
            columns = 1 if width == 1 else 0
        else:
            columns = _measure_character(character)
        if columns:
            width = 2 if character == _EMOJI_SELECTOR else columns
        previous = character
        yield columns


def _measure_character(character: str) -> int:
    if character == _SOFT_HYPHEN:
        return 1
    if unicodedata.category(character) in {"Mn", "Me", "Cf"} or character in _JAMO_AFTER_FIRST:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shorten(text: str, width: int) -> str:
    """Return a text cut to a number of terminal columns, with an ellipsis if it was cut."""
    if measure_width(text) <= width:
        return text
    kept, used = [], 1
    for character, columns in zip(text, _measure_characters(text), strict=True):
        used += columns
        if used > width:
            break
        kept.append(character)
    return "".join(kept) + "…"


class Output:
    """The output of one command.

    Args:
        as_json: whether to print JSON.
        quiet: whether to print numbers only.
    """

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self.is_terminal = sys.stdout.isatty()
        # A character that the encoding of the locale lacks is printed as an escape sequence.
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        self._has_color = (
            self.is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        )

    def print_message(self, text: str) -> None:
        """Print a message to standard error, unless the output is quiet."""
        if not self.quiet:
            print_error(text)

    def print_items(self, items: Iterable[Item], columns: Sequence[str], *, key: str = "") -> None:
        """Print a list of API objects.

        Args:
            items: the objects.
            columns: the fields to show, unless the output is JSON.
            key: the only field to print if the output is quiet. Default: the first column.
        """
        if self.as_json:
            for item in items:
                _write(encode_json(item))
        elif self.quiet:
            for item in items:
                _write(self._clean(format_value(item.get(key or columns[0]))))
        elif self.is_terminal:
            self._print_table(list(items), columns)
        else:
            for item in items:
                _write("\t".join(_clean_cell(format_value(item.get(name))) for name in columns))

    def print_fields(self, item: Item, names: Sequence[str]) -> None:
        """Print fields of one object, one per line; fields without a value are left out."""
        names = [name for name in names if format_value(item.get(name))]
        if not self.is_terminal:
            for name in names:
                _write(f"{name}\t{_clean_cell(format_value(item[name]))}")
            return
        width = max(map(len, names), default=0) + len(_SEPARATOR)
        for name in names:
            heading = self._paint(make_heading(name).ljust(width), _DIM)
            _write(f"{heading}{_format_for_people(name, item)}")

    def print_text(self, text: str) -> None:
        """Print a text of several lines. On a terminal, its control characters are escaped."""
        _write(escape(text, keep="\n\t") if self.is_terminal else text)

    def _clean(self, text: str) -> str:
        return escape(text) if self.is_terminal else _clean_cell(text)

    def _print_table(self, items: Sequence[Item], columns: Sequence[str]) -> None:
        if not items:
            return
        headings = [make_heading(name) for name in columns]
        rows = [[_format_for_people(name, item) for name in columns] for item in items]
        used = [i for i in range(len(columns)) if i == 0 or any(row[i] for row in rows)]
        widths = {
            i: max(measure_width(headings[i]), *(measure_width(row[i]) for row in rows))
            for i in used
        }
        self._fit_widths(widths, columns)
        heading = _align([headings[i] for i in used], [widths[i] for i in used])
        _write(self._paint(heading, _BOLD))
        for item, row in zip(items, rows, strict=True):
            line = _align([row[i] for i in used], [widths[i] for i in used])
            _write(self._paint(line, _find_style(item)))

    def _fit_widths(self, widths: dict[int, int], columns: Sequence[str]) -> None:
        """Shorten the flexible column to the width of the terminal."""
        surplus = sum(widths.values()) + len(_SEPARATOR) * (len(widths) - 1)
        surplus -= shutil.get_terminal_size().columns
        flexible = [i for i in widths if columns[i] in _FLEXIBLE]
        if surplus > 0 and flexible:
            least = min(widths[flexible[0]], _MIN_WIDE_COLUMN)
            widths[flexible[0]] = max(least, widths[flexible[0]] - surplus)

    def _paint(self, text: str, style: str) -> str:
        return f"{style}{text}{_END}" if self._has_color and style else text


def discard_output() -> None:
    """Redirect standard output to /dev/null, so that flushing the rest at exit does not fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_error(text: str) -> None:
    """Print a message to standard error, with control characters escaped."""
    print(escape(text, keep="\n"), file=sys.stderr)


def _format_for_people(name: str, item: Item) -> str:
    """Return a field for a terminal: times are in the zone of this machine, to the minute."""
    text = format_value(item.get(name))
    if name == "at" or name.endswith("_at"):
        from datetime import datetime  # noqa: PLC0415 - not in every table

        with contextlib.suppress(ValueError):
            text = f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M}"
    return escape(text)


def make_heading(name: str) -> str:
    """Return the heading of a field."""
    return _HEADINGS.get(name) or name.replace("_", " ").capitalize()


def _write(line: str) -> None:
    print(line)


def _clean_cell(text: str) -> str:
    """Return a text without the separators of the tab-separated format."""
    for character, name in _NAMED.items():
        text = text.replace(character, name)
    return text


def _align(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [
        (cut := shorten(cell, width)) + " " * (width - measure_width(cut))
        for cell, width in zip(cells, widths, strict=True)
    ]
    return _SEPARATOR.join(padded).rstrip()


def _find_style(item: Item) -> str:
    if item.get("status") in {"done", "cancelled"}:
        return _DIM
    return _RED if item.get("priority") == 1 else ""
