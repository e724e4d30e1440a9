"""Fractional index: the keys that define the manual order of tasks.

A task has a key, and tasks are sorted by their keys. To move a task, only its own key changes. Keys
are text and are compared byte by byte.

A key consists of a length letter, a whole number in base 62 and an optional fraction, also in base
62. The letter encodes the number of digits of the whole number (``a`` for one, ``b`` for two, …),
so that longer numbers sort after shorter ones. Negative numbers begin with a capital letter (``Z``
for one digit, ``Y`` for two, …). Because of the fraction, there is a key between any two keys. A
fraction never ends with the digit 0: ``a10`` directly follows ``a1``, so no key would fit between
them. David Greenspan describes the method in "Implementing Fractional Indexing" (Observable, 2020).
"""

# Keys are indexed, and PostgreSQL limits index entries to 2,700 bytes.
MAX_KEY_LENGTH = 1000

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LOWEST_DIGIT, _HIGHEST_DIGIT = _DIGITS[0], _DIGITS[-1]
_BASE = len(_DIGITS)
# The greatest whole number in an imported key. The keys of new tasks count up from the greatest
# number in the workspace, which must fit in 64 bits.
MAX_ORDER_NUMBER = _BASE**10 - 1
_DIGIT_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_MAX_DIGITS = 26
# Fractions are incremented and decremented by their last group of this many digits.
_GROUP_LENGTH = 3
_GROUP_VALUES = _BASE**_GROUP_LENGTH
# A key that is this many digits longer than its neighbour belongs to a run of insertions at one
# place; see ``_make_fraction_between``.
_RUN_LEAD = 3


def make_order_key(number: int) -> str:
    """Return the key of a whole number that is not negative. Greater numbers have greater keys."""
    digits = ""
    while number or not digits:
        number, digit = divmod(number, _BASE)
        digits = _DIGITS[digit] + digits
    return chr(ord("a") + len(digits) - 1) + digits


def find_order_number(key: str) -> int:
    """Return the greatest whole number whose key is less than or equal to this key.

    Return -1 for a negative key.

    Raises:
        ValueError: the text is not a key.
    """
    whole, _ = _split_key(key)
    if not whole[0].islower():
        return -1
    number = 0
    for digit in whole[1:]:
        number = number * _BASE + _DIGIT_VALUES[digit]
    # An imported key may have leading zeros. For example, ``b01`` sorts after ``az``, the key of
    # 61, and before ``b10``, the key of 62.
    smallest = _BASE ** (len(whole) - 2)
    return max(number, smallest - 1) if smallest > 1 else number


def is_order_key(text: str) -> bool:
    """Return whether an imported text is a key that may be stored."""
    try:
        # Excludes the smallest possible key, before which no other key fits.
        make_key_between(None, text)
        number = find_order_number(text)
    except ValueError:
        return False
    return number <= MAX_ORDER_NUMBER and len(text) <= MAX_KEY_LENGTH


def make_key_between(before: str | None, after: str | None) -> str:
    """Return a key greater than ``before`` and smaller than ``after``.

    None means that there is no bound on that side. Keys stay short for common moves: to the start,
    to the end, to different positions, and repeatedly to the same position. If each move is to the
    position between the last two moved tasks, keys grow by one digit per six moves.

    Raises:
        ValueError: ``before`` is not smaller than ``after``, one of them is not a key, or ``after``
            is the smallest possible key.
    """
    if before is None:
        return "a0" if after is None else _make_key_before(after)
    if after is None:
        return _make_key_after(before)
    if before >= after:
        raise ValueError(f"{before} is not smaller than {after}")
    whole, fraction = _split_key(before)
    after_whole, after_fraction = _split_key(after)
    if whole != after_whole:
        next_whole = _step_whole(whole, up=True)
        if next_whole is not None and next_whole < after:
            return next_whole
        return whole + _make_greater_fraction(fraction)
    return whole + _make_fraction_between(fraction, after_fraction)


def _make_fraction_between(low: str, high: str) -> str:
    """Return a fraction between two fractions.

    If one bound is much longer than the other, it was probably created by the previous insertions
    at this position. The result is then the incremented or decremented bound, which is not longer.
    Otherwise it is a halfway fraction, which needs one more digit per six insertions.
    """
    between = ""
    if len(low) >= len(high) + _RUN_LEAD:
        between = _step_fraction(low, up=True)
    elif len(high) >= len(low) + _RUN_LEAD:
        between = _step_fraction(high, up=False)
    return between if low < between < high else _make_halfway_fraction(low, high)


def _make_greater_fraction(low: str) -> str:
    return (
        _step_fraction(low, up=True) if len(low) >= _RUN_LEAD else _make_short_greater_fraction(low)
    )


def _make_key_before(after: str) -> str:
    whole, fraction = _split_key(after)
    if fraction:
        return whole
    previous = _step_whole(whole, up=False)
    if previous is None:
        raise ValueError(f"{after} is the smallest key")
    return previous


def _make_key_after(before: str) -> str:
    whole, fraction = _split_key(before)
    return _step_whole(whole, up=True) or whole + _make_greater_fraction(fraction)


def _split_key(key: str) -> tuple[str, str]:
    """Split a key into the whole number, with its letter, and the fraction."""
    length_letter = key[:1]
    if "a" <= length_letter <= "z":
        count = ord(length_letter) - ord("a") + 1
    elif "A" <= length_letter <= "Z":
        count = ord("Z") - ord(length_letter) + 1
    else:
        count = _MAX_DIGITS + 1
    whole, fraction = key[: count + 1], key[count + 1 :]
    if (
        len(whole) <= count
        or fraction.endswith(_LOWEST_DIGIT)
        or not _DIGIT_VALUES.keys() >= set(key)
    ):
        raise ValueError(f"{key!r} is not a key of the manual order")
    return whole, fraction


def _step_whole(whole: str, *, up: bool) -> str | None:
    """Return the next or previous whole number, or None if there is none."""
    length_letter, digits = whole[0], whole[1:]
    last, first, step = (
        (_HIGHEST_DIGIT, _LOWEST_DIGIT, 1) if up else (_LOWEST_DIGIT, _HIGHEST_DIGIT, -1)
    )
    unchanged = digits.rstrip(last)
    if unchanged:
        stepped = _DIGITS[_DIGIT_VALUES[unchanged[-1]] + step]
        return length_letter + unchanged[:-1] + stepped + first * (len(digits) - len(unchanged))
    if length_letter == ("z" if up else "A"):
        return None
    if length_letter == ("Z" if up else "a"):
        return "a" + first if up else "Z" + first
    is_longer = up == length_letter.islower()
    return chr(ord(length_letter) + step) + first * (len(digits) + (1 if is_longer else -1))


def _step_fraction(fraction: str, *, up: bool) -> str:
    """Increment or decrement the last group of digits.

    If the group would overflow or reach zero, append a group.
    """
    padded = fraction.ljust(
        _GROUP_LENGTH * max(1, -(-len(fraction) // _GROUP_LENGTH)), _LOWEST_DIGIT
    )
    number = 0
    for digit in padded[-_GROUP_LENGTH:]:
        number = number * _BASE + _DIGIT_VALUES[digit]
    step = 1 if up else -1
    number += step
    if number % _BASE == 0:
        number += step
    if number >= _GROUP_VALUES:
        return padded + _LOWEST_DIGIT * (_GROUP_LENGTH - 1) + _DIGITS[1]
    if number <= 0:
        return (
            padded[:-_GROUP_LENGTH] + _LOWEST_DIGIT * _GROUP_LENGTH + _HIGHEST_DIGIT * _GROUP_LENGTH
        )
    digits = ""
    for _ in range(_GROUP_LENGTH):
        number, digit_value = divmod(number, _BASE)
        digits = _DIGITS[digit_value] + digits
    return padded[:-_GROUP_LENGTH] + digits


def _make_halfway_fraction(low: str, high: str) -> str:
    """Return a short fraction about halfway between two."""
    for index, end_digit in enumerate(high):
        start = _DIGIT_VALUES[low[index]] if index < len(low) else 0
        end = _DIGIT_VALUES[end_digit]
        if end - start > 1:
            return high[:index] + _DIGITS[(start + end) // 2]
        if end > start:
            if index + 1 < len(high):
                return high[: index + 1]
            return high[:index] + _DIGITS[start] + _make_short_greater_fraction(low[index + 1 :])
    raise ValueError(f"no fraction lies between {low!r} and {high!r}")


def _make_short_greater_fraction(low: str) -> str:
    """Return a short fraction greater than the given one."""
    unchanged = len(low) - len(low.lstrip(_HIGHEST_DIGIT))
    start = _DIGIT_VALUES[low[unchanged]] if unchanged < len(low) else 0
    return _HIGHEST_DIGIT * unchanged + _DIGITS[(start + _BASE + 1) // 2]
