"""The header `Idempotency-Key`: valid and malformed keys."""

import pytest

from taskstead.errors import ValidationFailedError
from taskstead.http.requests.idempotency import parse_key


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("k" * 255, "k" * 255),
        (f'"{"k" * 255}"', "k" * 255),
        (r'"a b\"\\"', 'a b"\\'),
        ("~!#$%&'()*+,-./", "~!#$%&'()*+,-./"),
    ],
)
def test_key_is_quoted_or_not(value: str, key: str) -> None:
    assert parse_key([value]) == key


@pytest.mark.parametrize(
    "values",
    [
        *([""], ['"'], ['""'], ['"a'], ['a"'], ["a b"], ['"\\a"'], ["k" * 256]),
        *(["\u00e4"], ['"\u00e9"'], ["a\n"], ["a", "a"], []),
    ],
    ids=repr,
)
def test_malformed_or_repeated_key_is_rejected(values: list[str]) -> None:
    with pytest.raises(ValidationFailedError) as caught:
        parse_key(values)
    assert [error.pointer for error in caught.value.errors] == ["header/Idempotency-Key"]
