"""The tokenizer of filters."""

import pytest

from taskstead.domain.filters.tokens import WHITE_SPACE, Token, Value, read_token


def read_all(text: str) -> list[Token]:
    tokens = [read_token(text, 0)]
    while tokens[-1].kind != "end":
        tokens.append(read_token(text, tokens[-1].end))
    return tokens[:-1]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("(a|b)&!c", ["open", "word", "or", "word", "close", "and", "not", "word"]),
        ("a AND b Or not c", ["word", "and", "word", "or", "not", "word"]),
        ('"and"', ["phrase"]),
        ("android", ["word"]),
        ("wow!", ["word"]),
        ('5"x"', ["word", "phrase"]),
        ("due:today(x)", ["field", "open", "word", "close"]),
        (WHITE_SPACE, []),
    ],
)
def test_kinds(text: str, kinds: list[str]) -> None:
    assert [token.kind for token in read_all(text)] == kinds


@pytest.mark.parametrize("space", WHITE_SPACE, ids=ascii)
def test_white_space_separates_words(space: str) -> None:
    assert [(token.start, token.end) for token in read_all(f"a{space}b")] == [(0, 1), (2, 3)]


@pytest.mark.parametrize(
    ("text", "operator"),
    [
        ("a:b", ":"),
        ("a=b", "="),
        ("a!=b", "!="),
        ("a<b", "<"),
        ("a<=b", "<="),
        ("a>b", ">"),
        ("a>=b", ">="),
    ],
)
def test_operators(text: str, operator: str) -> None:
    (token,) = read_all(text)
    assert (token.name, token.operator, token.operator_start) == ("a", operator, 1)
    start = 1 + len(operator)
    assert token.values == (Value("b", is_quoted=False, start=start, end=start + 1),)
    assert token.values_start == start


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a:b,c", ["b", "c"]),
        ('a:"b, c",d', ["b, c", "d"]),
        (r'a:"\"\\"', ['"\\']),
        (r'a:"b\n"', [r"b\n"]),
        ('a:b"c d"e', ["bc de"]),
        ("a:", [""]),
        ("a:,", ["", ""]),
        ("a:b:c", ["b:c"]),
        ("#b!", ["b!"]),
    ],
)
def test_values(text: str, values: list[str]) -> None:
    (token,) = read_all(text)
    assert [value.text for value in token.values] == values
