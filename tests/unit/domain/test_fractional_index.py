"""Order keys (fractional indexing): a key exists between any two keys, and keys stay short."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.domain.fractional_index import (
    MAX_KEY_LENGTH,
    MAX_ORDER_NUMBER,
    find_order_number,
    is_order_key,
    make_key_between,
    make_order_key,
)

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTHS = {**{chr(ord("a") + n): n + 1 for n in range(26)}}
LENGTHS |= {chr(ord("Z") - n): n + 1 for n in range(26)}


@st.composite
def keys(draw: st.DrawFn) -> str:
    """Generate order keys. Extreme digits are frequent because carries are the likeliest bugs."""
    digit = st.one_of(st.sampled_from("01Vyz"), st.sampled_from(DIGITS))
    head = draw(st.one_of(st.sampled_from("aZbYzA"), st.sampled_from(sorted(LENGTHS))))
    whole = "".join(draw(digit) for _ in range(LENGTHS[head]))
    fraction = "".join(draw(st.lists(digit, max_size=8))).rstrip("0")
    return head + whole + fraction


def make_checked_key(before: str | None, after: str | None) -> str:
    key = make_key_between(before, after)
    assert before is None or before < key
    assert after is None or key < after
    assert set(key) <= set(DIGITS)
    fraction = key[LENGTHS[key[0]] + 1 :]
    assert not fraction.endswith("0")
    return key


SMALLEST = "A" + "0" * 26


@given(keys(), keys())
def test_key_exists_between_any_two_keys(one: str, other: str) -> None:
    before, after = sorted((one, other))
    if before != after:
        make_checked_key(before, after)


@given(keys())
def test_key_exists_before_and_after_any_key(key: str) -> None:
    make_checked_key(key, None)
    if key != SMALLEST:
        make_checked_key(None, key)


@given(st.lists(st.floats(0, 1), max_size=300))
def test_keys_can_be_inserted_anywhere(places: list[float]) -> None:
    order: list[str] = []
    for place in places:
        index = round(place * len(order))
        before = order[index - 1] if index else None
        after = order[index] if index < len(order) else None
        order.insert(index, make_checked_key(before, after))
    assert order == sorted(set(order))


@given(st.integers(0, 10**18), st.integers(0, 10**18))
def test_integer_keys_sort_like_their_integers(one: int, other: int) -> None:
    assert (make_order_key(one) < make_order_key(other)) == (one < other)


@given(keys())
def test_fractional_key_sorts_between_its_integer_and_the_next(key: str) -> None:
    number = find_order_number(key)
    assert number < 0 or make_order_key(number) <= key
    assert key < make_order_key(number + 1)


@pytest.mark.parametrize(
    ("key", "number"),
    [
        *(("a0", 0), ("az", 61), ("b10", 62), ("b10V", 62), ("bzzV", 62**2 - 1), ("Zz", -1)),
        # Imported keys with leading zeros.
        *(("b00", 61), ("b01", 61), ("c000", 62**2 - 1)),
    ],
)
def test_number_is_the_greatest_one_up_to_the_key(key: str, number: int) -> None:
    assert find_order_number(key) == number


def test_first_key_and_its_neighbours() -> None:
    assert make_key_between(None, None) == make_order_key(0) == "a0"
    assert make_key_between("a0", None) == "a1"
    assert make_key_between("a5", "a6") == "a5V"
    assert make_key_between("a5", "a7") == "a6"
    assert make_key_between("az", None) == "b00"
    assert make_key_between(None, "a0") == "Zz"
    assert make_key_between(None, "Z0") == "Yzz"
    assert make_key_between("Zz", None) == "a0"
    assert make_key_between(None, "a5V") == "a5"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        *[("a1", "a1"), ("a2", "a1"), ("", None), ("a", None), (None, "b1"), ("a1V0", None)],
        *[(None, "a-"), (None, "é1"), (None, SMALLEST)],
    ],
)
def test_invalid_or_misordered_keys_are_rejected(before: str | None, after: str | None) -> None:
    with pytest.raises(ValueError, match=r"key|smaller"):
        make_key_between(before, after)


def test_is_order_key_accepts_only_valid_keys() -> None:
    good = ["a0", "Zz", "b10V", "a1" + "V" * (MAX_KEY_LENGTH - 2)]
    bad = ["", "a", "7", "a1V0", "a-", "é1", "b1", "a1\n", "a1" + "V" * (MAX_KEY_LENGTH - 1)]
    bad += [SMALLEST, make_order_key(MAX_ORDER_NUMBER + 1)]
    good.append(make_order_key(MAX_ORDER_NUMBER) + "V")
    assert all(map(is_order_key, good))
    assert not any(map(is_order_key, bad))


RANDOM = random.Random(7)  # noqa: S311 - not used for secrets
# The index at which to insert the next key into a list of the given length, by insertion pattern.
INSERTION_PATTERNS: dict[str, tuple[Callable[[int], int], int]] = {
    "to the end": (lambda count: count, 4),
    "to the start": (lambda _: 0, 4),
    "before the last": (lambda count: count - 1, 8),
    "after the first": (lambda _: 1, 8),
    "anywhere": (lambda count: RANDOM.randrange(1, count), 12),
}


@pytest.mark.parametrize("pattern", INSERTION_PATTERNS)
def test_keys_stay_short(pattern: str) -> None:
    choose, longest = INSERTION_PATTERNS[pattern]
    order = ["a5", "a6"]
    for _ in range(10_000):
        index = choose(len(order))
        before = order[index - 1] if index else None
        after = order[index] if index < len(order) else None
        order.insert(index, make_key_between(before, after))
    assert max(map(len, order)) <= longest


def test_alternating_moves_add_one_digit_per_six_moves() -> None:
    low, high = "a5", "a6"
    for _ in range(300):
        low = make_key_between(low, high)
        high = make_key_between(low, high)
    assert len(high) <= 2 + 600 / 5
