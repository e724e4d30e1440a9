"""Escaping, JSON lines and columns of the output."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.client.output import encode_json, escape, format_value, measure_width, shorten

HOSTILE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@given(st.text())
def test_escaped_text_controls_no_terminal(text: str) -> None:
    assert not HOSTILE.search(escape(text))


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cf", "Zl", "Zp", "Cs"])))
def test_ordinary_text_is_not_changed(text: str) -> None:
    assert escape(text) == text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_json_line_keeps_the_value(text: str) -> None:
    line = encode_json({"title": text})
    assert not HOSTILE.search(line)
    assert json.loads(line) == {"title": text}


def test_kept_characters_are_not_escaped() -> None:
    assert escape("a\nb\tc\r\x1b", keep="\n") == "a\nb\\tc\\r\\x1b"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        ([], ""),
        (["a", "b, c"], "a, b, c"),
        ({"id": "1", "name": "Home"}, "Home"),
        ({"id": "1"}, "1"),
    ],
)
def test_value_is_shown_as_text(value: object, text: str) -> None:
    assert format_value(value) == text


@pytest.mark.parametrize(
    ("text", "width"),
    [
        *(("abc", 3), ("牛乳", 4), ("e\u0301", 1), ("ß", 1), ("👍", 2), ("", 0), ("co\u00adop", 5)),
        pytest.param("❤\ufe0f", 2, id="emoji by selector"),
        pytest.param("1\ufe0f\u20e3", 2, id="keycap"),
        pytest.param("👩\u200d💻x", 3, id="joined emoji"),
        pytest.param("👍🏽", 2, id="skin tone"),
        pytest.param("🇩🇪", 2, id="flag"),
        pytest.param("क\u094d\u200dष", 2, id="joiner outside emoji"),
        pytest.param("\u1112\u1161\u11ab", 2, id="decomposed Hangul"),
    ],
)
def test_width_counts_terminal_columns(text: str, width: int) -> None:
    assert measure_width(text) == width


@given(st.text(), st.integers(min_value=1, max_value=30))
def test_shortened_text_fits(text: str, width: int) -> None:
    assert measure_width(shorten(text, width)) <= width


@pytest.mark.parametrize(
    ("text", "width", "cut"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("牛乳を", 4, "牛…")]
)
def test_long_text_ends_with_an_ellipsis(text: str, width: int, cut: str) -> None:
    assert shorten(text, width) == cut
