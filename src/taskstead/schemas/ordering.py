"""Keys of the manual order: text that is compared byte by byte.

A key is a whole number in base 62, led by a letter that tells how many digits follow (``a`` for
one, ``b`` for two, …), so that longer numbers sort after shorter ones. Capital letters lead the
numbers below zero (``Z`` for one digit, ``Y`` for two, …). A fraction may follow, so there is
always room for another key between two: fractional indexing, after David Greenspan's "Implementing
Fractional Indexing" (Observable, 2020). A fraction never ends with the lowest digit, since nothing
would fit between it and the same one without that digit.
"""

# A key is part of an index, whose entries PostgreSQL limits to 2,700 bytes.
MAX_KEY_LENGTH = 1000

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LOW, _HIGH = _DIGITS[0], _DIGITS[-1]
_BASE = len(_DIGITS)
# The greatest whole number of a key from elsewhere: a workspace counts on from it in 64 bits.
MAX_ORDER_NUMBER = _BASE**10 - 1
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_MOST_DIGITS = 26
# Fractions are counted up and down in groups of so many digits.
_GROUP = 3
_GROUP_SIZE = _BASE**_GROUP
# By so many digits a key is longer than its neighbour when it belongs to a run, see below.
_LEAD = 3


def make_order_key(number: int) -> str:
    """Return the key of a whole number from 0: later numbers have greater keys."""
    digits = ""
    while number or not digits:
        number, digit = divmod(number, _BASE)
        digits = _DIGITS[digit] + digits
    return chr(ord("a") + len(digits) - 1) + digits


def find_order_number(key: str) -> int:
    """Return the last whole number whose key is not greater than this one; -1 below zero.

    Raises:
        ValueError: the text is no key.
    """
    whole, _ = _split_key(key)
    if not whole[0].islower():
        return -1
    number = 0
    for digit in whole[1:]:
        number = number * _BASE + _VALUES[digit]
    # Keys with leading zeros lie between the numbers that have a digit fewer and those that have
    # as many.
    smallest = _BASE ** (len(whole) - 2)
    return max(number, smallest - 1) if smallest > 1 else number


def is_order_key(text: str) -> bool:
    """Tell whether a text from elsewhere is a key that may be kept."""
    try:
        # The smallest one of all would leave no room before it.
        make_key_between(None, text)
        number = find_order_number(text)
    except ValueError:
        return False
    return number <= MAX_ORDER_NUMBER and len(text) <= MAX_KEY_LENGTH


def make_key_between(before: str | None, after: str | None) -> str:
    """Return a key greater than ``before`` and smaller than ``after``; None for no such bound.

    There always is one. Keys stay short for the ways in which people move things: to the start, the
    end, here and there, and one after another to the same place. Only moves to and fro between the
    last two make them grow without end, by one digit for six moves.

    Raises:
        ValueError: ``before`` is not smaller than ``after``, or one of them is no key.
    """
    if before is None:
        return "a0" if after is None else _make_key_before(after)
    if after is None:
        return _make_key_after(before)
    if before >= after:
        raise ValueError(f"{before} is not smaller than {after}")
    whole, fraction = _split_key(before)
    other, end = _split_key(after)
    if whole != other:
        following = _step_whole(whole, up=True)
        if following is not None and following < after:
            return following
        return whole + _make_greater_fraction(fraction)
    return whole + _make_fraction_between(fraction, end)


def _make_fraction_between(low: str, high: str) -> str:
    """Halve what lies between, or go on with a run.

    A bound that is much longer than the other is the last of many keys that were put there one
    after another. Counting on from it costs nothing, where halving costs a digit for six of them.
    """
    between = ""
    if len(low) >= len(high) + _LEAD:
        between = _step_fraction(low, up=True)
    elif len(high) >= len(low) + _LEAD:
        between = _step_fraction(high, up=False)
    return between if low < between < high else _halve(low, high)


def _make_greater_fraction(low: str) -> str:
    return _step_fraction(low, up=True) if len(low) >= _LEAD else _grow(low)


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
    """Return the whole number, with its letter, and the fraction."""
    head = key[:1]
    if "a" <= head <= "z":
        count = ord(head) - ord("a") + 1
    elif "A" <= head <= "Z":
        count = ord("Z") - ord(head) + 1
    else:
        count = _MOST_DIGITS + 1
    whole, fraction = key[: count + 1], key[count + 1 :]
    if len(whole) <= count or fraction.endswith(_LOW) or not _VALUES.keys() >= set(key):
        raise ValueError(f"{key!r} is not a key of the manual order")
    return whole, fraction


def _step_whole(whole: str, *, up: bool) -> str | None:
    """Return the next or the previous whole number; None beyond the greatest and the smallest."""
    head, digits = whole[0], whole[1:]
    last, first, step = (_HIGH, _LOW, 1) if up else (_LOW, _HIGH, -1)
    kept = digits.rstrip(last)
    if kept:
        stepped = _DIGITS[_VALUES[kept[-1]] + step]
        return head + kept[:-1] + stepped + first * (len(digits) - len(kept))
    if head == ("z" if up else "A"):
        return None
    if head == ("Z" if up else "a"):
        return "a" + first if up else "Z" + first
    is_longer = up == head.islower()
    return chr(ord(head) + step) + first * (len(digits) + (1 if is_longer else -1))


def _step_fraction(fraction: str, *, up: bool) -> str:
    """Count the last group of digits up or down by one; where it is used up, begin another."""
    padded = fraction.ljust(_GROUP * max(1, -(-len(fraction) // _GROUP)), _LOW)
    number = 0
    for digit in padded[-_GROUP:]:
        number = number * _BASE + _VALUES[digit]
    step = 1 if up else -1
    number += step
    if number % _BASE == 0:
        number += step
    if number >= _GROUP_SIZE:
        return padded + _LOW * (_GROUP - 1) + _DIGITS[1]
    if number <= 0:
        return padded[:-_GROUP] + _LOW * _GROUP + _HIGH * _GROUP
    digits = ""
    for _ in range(_GROUP):
        number, digit_value = divmod(number, _BASE)
        digits = _DIGITS[digit_value] + digits
    return padded[:-_GROUP] + digits


def _halve(low: str, high: str) -> str:
    """Return a short fraction about half-way between two."""
    for place, end_digit in enumerate(high):
        start = _VALUES[low[place]] if place < len(low) else 0
        end = _VALUES[end_digit]
        if end - start > 1:
            return high[:place] + _DIGITS[(start + end) // 2]
        if end > start:
            if place + 1 < len(high):
                return high[: place + 1]
            return high[:place] + _DIGITS[start] + _grow(low[place + 1 :])
    raise ValueError(f"no fraction lies between {low!r} and {high!r}")


def _grow(low: str) -> str:
    """Return a short fraction greater than this one."""
    kept = len(low) - len(low.lstrip(_HIGH))
    start = _VALUES[low[kept]] if kept < len(low) else 0
    return _HIGH * kept + _DIGITS[(start + _BASE + 1) // 2]
