"""Keys of the manual order: text that is compared byte by byte.

A key is a whole number in base 62, led by a letter that tells how many digits follow (``a`` for
one, ``b`` for two, …), so that longer numbers sort after shorter ones. A fraction may follow, so
there is always room for another key between two.
"""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def make_order_key(number: int) -> str:
    """Return the key of a whole number from 0: later numbers have greater keys."""
    digits = ""
    while number or not digits:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return chr(ord("a") + len(digits) - 1) + digits
