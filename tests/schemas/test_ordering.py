"""Keys of the manual order: there is always room between two, and they stay short."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.schemas.ordering import (
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
    """Any key: digits of the extremes are frequent, since carrying is where mistakes are."""
    digit = st.one_of(st.sampled_from("01Vyz"), st.sampled_from(DIGITS))
    head = draw(st.one_of(st.sampled_from("aZbYzA"), st.sampled_from(sorted(LENGTHS))))
    whole = "".join(draw(digit) for _ in range(LENGTHS[head]))
    fraction = "".join(draw(st.lists(digit, max_size=8))).rstrip("0")
    return head + whole + fraction


def check(before: str | None, after: str | None) -> str:
    key = make_key_between(before, after)
    assert before is None or before < key
    assert after is None or key < after
    assert set(key) <= set(DIGITS)
    fraction = key[LENGTHS[key[0]] + 1 :]
    assert not fraction.endswith("0")
    return key


SMALLEST = "A" + "0" * 26


@given(keys(), keys())
def test_there_is_a_key_between_any_two(one: str, other: str) -> None:
    before, after = sorted((one, other))
    if before != after:
        check(before, after)


@given(keys())
def test_there_is_a_key_before_and_after_any(key: str) -> None:
    check(key, None)
    if key != SMALLEST:
        check(None, key)


@given(st.lists(st.floats(0, 1), max_size=300))
def test_keys_can_be_put_in_anywhere(places: list[float]) -> None:
    order: list[str] = []
    for place in places:
        index = round(place * len(order))
        before = order[index - 1] if index else None
        after = order[index] if index < len(order) else None
        order.insert(index, check(before, after))
    assert order == sorted(set(order))


@given(st.integers(0, 10**18), st.integers(0, 10**18))
def test_whole_numbers_keep_their_order(one: int, other: int) -> None:
    assert (make_order_key(one) < make_order_key(other)) == (one < other)


@given(keys())
def test_a_key_lies_between_its_number_and_the_next(key: str) -> None:
    number = find_order_number(key)
    assert number < 0 or make_order_key(number) <= key
    assert key < make_order_key(number + 1)


def test_the_first_key_and_those_around_it() -> None:
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
def test_what_is_no_key_is_refused(before: str | None, after: str | None) -> None:
    with pytest.raises(ValueError, match=r"key|smaller"):
        make_key_between(before, after)


def test_keys_from_elsewhere_are_told_from_other_texts() -> None:
    good = ["a0", "Zz", "b10V", "a1" + "V" * (MAX_KEY_LENGTH - 2)]
    bad = ["", "a", "7", "a1V0", "a-", "é1", "b1", "a1\n", "a1" + "V" * (MAX_KEY_LENGTH - 1)]
    bad += [SMALLEST, make_order_key(MAX_ORDER_NUMBER + 1)]
    good.append(make_order_key(MAX_ORDER_NUMBER) + "V")
    assert all(map(is_order_key, good))
    assert not any(map(is_order_key, bad))


DICE = random.Random(7)  # noqa: S311 - no secret
# Where to put the next key into a list of so many.
HABITS: dict[str, tuple[Callable[[int], int], int]] = {
    "to the end": (lambda count: count, 4),
    "to the start": (lambda _: 0, 4),
    "before the last": (lambda count: count - 1, 8),
    "after the first": (lambda _: 1, 8),
    "anywhere": (lambda count: DICE.randrange(1, count), 12),
}


@pytest.mark.parametrize("habit", HABITS)
def test_keys_stay_short(habit: str) -> None:
    choose, longest = HABITS[habit]
    order = ["a5", "a6"]
    for _ in range(10_000):
        index = choose(len(order))
        before = order[index - 1] if index else None
        after = order[index] if index < len(order) else None
        order.insert(index, make_key_between(before, after))
    assert max(map(len, order)) <= longest


def test_moving_to_and_fro_costs_a_digit_for_six_moves() -> None:
    low, high = "a5", "a6"
    for _ in range(300):
        low = make_key_between(low, high)
        high = make_key_between(low, high)
    assert len(high) <= 2 + 600 / 5
