"""Names and titles: keys for comparing and sorting them, and classes of characters."""

import re
import unicodedata

# Control characters and the separators of lines and paragraphs.
CONTROL_CHARACTER = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Invisible characters (Default_Ignorable_Code_Point of Unicode), in two groups. Those of the first
# group are ignored in comparisons of names, for example variation selectors and bidi controls.
# Those of the second group, joiners and the tags of flag emojis, distinguish two names within the
# text. Joiners at the ends of a name are ignored.
_NEVER_VISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e001f\U000e0080-\U000e0fff"
)
_JOINERS = "\u200c\u200d"
_IGNORED_CHARACTER = re.compile(f"[{_NEVER_VISIBLE}]")
_INVISIBLE_ENDS = re.compile(rf"\A[\s{_JOINERS}]+|[\s{_JOINERS}]+\Z")
VISIBLE_CHARACTER = re.compile(
    rf"[^\s{_NEVER_VISIBLE}{_JOINERS}\U000e0020-\U000e007f\x00-\x1f\x7f-\x9f]"
)
# Letters that Unicode does not decompose, with the letters by which they are sorted.
_BASE_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ŧ": "t"}  # noqa: RUF001
)
_VIRAMA = 9
# Separates the two parts of a sort key. It sorts before every character of names and titles, so a
# prefix sorts before a longer text.
_TIE_SEPARATOR = "\x01"
_MAX_BASE_LENGTH = 300
_MAX_TIE_LENGTH = 100


def make_name_key(name: str) -> str:
    """Return the key of a name. Two names are equal if their keys are equal.

    Keys ignore case (canonical caseless match, Unicode, section 3.13) and invisible characters.
    """
    if name.isascii():
        return name.lower()
    folded = _fold(name)
    # Earlier versions accepted names without visible characters. Such a name equals only itself.
    return _INVISIBLE_ENDS.sub("", _IGNORED_CHARACTER.sub("", folded)) or folded


def make_sort_key(text: str) -> str:
    """Return the key by which names and titles are sorted, compared byte by byte.

    Base letters are compared first, then accents: Apfel, Äpfel, éclair, Eis. The order is the same
    in both databases, independent of their locale.
    """
    if text.isascii():
        return text.lower()[:_MAX_BASE_LENGTH]
    folded = _IGNORED_CHARACTER.sub("", _fold(text))
    decomposed = unicodedata.normalize("NFKD", folded.translate(_BASE_LETTERS)).casefold()
    # A virama is not removed. It is not an accent, but suppresses the vowel of a consonant.
    base = "".join(
        letter for letter in decomposed if unicodedata.combining(letter) in (0, _VIRAMA)
    )[:_MAX_BASE_LENGTH]
    return base if folded == base else f"{base}{_TIE_SEPARATOR}{folded[:_MAX_TIE_LENGTH]}"


def make_name_columns(name: str) -> dict[str, str]:
    """Return the columns derived from the name of a category or a tag."""
    return {"name_key": make_name_key(name), "sort_key": make_sort_key(name)}


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())
