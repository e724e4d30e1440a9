"""Parser of filters: recursive descent over the tokens of ``tokens.py``.

Grammar::

    query = [ or ]
    or    = and { ( "or" | "|" ) and }
    and   = not { [ "and" | "&" ] not }
    not   = ( "not" | "!" ) not | "(" or ")" | condition
"""

from functools import lru_cache

from taskstead.domain.filters.conditions import is_negated, make_conditions
from taskstead.domain.filters.errors import FilterError
from taskstead.domain.filters.nodes import AllOf, AnyOf, Filter, Node, Not, Span
from taskstead.domain.filters.tokens import WHITE_SPACE, Token, TokenKind, read_token

MAX_LENGTH = 1000
MAX_CONDITIONS = 50
MAX_DEPTH = 10
_EXPECTED_OPERANDS = ("a condition", "not", "(")


# Filters are often the same: the pages of a listing, the saved filters of a user.
@lru_cache(maxsize=256)
def parse_filter(text: str) -> Filter:
    """Parse a filter.

    The result depends on nothing but the text. An empty text is a filter without a condition.

    Raises:
        FilterError: the text is not a filter, or it is too long.
    """
    if len(text) > MAX_LENGTH:
        message = f"A filter has at most {MAX_LENGTH:,} characters. This one has {len(text):,}."
        raise FilterError("too_long", message, MAX_LENGTH, len(text))
    return _Parser(text).parse()


class _Parser:
    """The state of a parse: the next token, the spans so far, and the current depth."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._spans: list[Span] = []
        self._conditions = 0
        self._depth = 0
        self._token = Token("end", 0, 0)

    def parse(self) -> Filter:
        """Parse the whole text."""
        try:
            self._token = read_token(self._text, 0)
            if self._is_at("end"):
                return Filter(AllOf(()), ())
            node = self._parse_or()
            if not self._is_at("end"):
                raise self._make_unexpected_token("Remove it, or open a parenthesis before it.")
        except FilterError as error:
            error.spans = tuple(self._spans)
            raise
        return Filter(node, tuple(self._spans))

    def _parse_or(self) -> Node:
        parts = [self._parse_and()]
        while self._is_at("or"):
            self._advance("operator")
            parts.append(self._parse_and())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _parse_and(self) -> Node:
        parts = [self._parse_not()]
        while not self._is_at("or", "close", "end"):
            if self._is_at("and"):
                self._advance("operator")
            parts.append(self._parse_not())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _parse_not(self) -> Node:
        token = self._token
        if token.kind == "not":
            self._descend("operator")
            node: Node = Not(self._parse_not())
            self._depth -= 1
            return node
        if token.kind == "open":
            self._descend("parenthesis")
            node = self._parse_or()
            if not self._is_at("close"):
                raise FilterError(
                    "unclosed_parenthesis",
                    "The parenthesis is not closed.",
                    token.start,
                    token.end,
                    expected=(")",),
                )
            self._advance("parenthesis")
            self._depth -= 1
            return node
        if token.kind == "end":
            raise FilterError(
                "unexpected_end",
                f"The filter ends where a condition is expected.{self._advise_quotes()}",
                token.start,
                token.end,
                expected=_EXPECTED_OPERANDS,
            )
        if token.kind in ("or", "and", "close"):
            advice = f"A condition is expected here.{self._advise_quotes()}"
            raise self._make_unexpected_token(advice)
        return self._parse_condition()

    def _parse_condition(self) -> Node:
        token = self._token
        kind, conditions = make_conditions(self._text, token)
        self._conditions += len(conditions)
        if self._conditions > MAX_CONDITIONS:
            message = (
                f"A filter has at most {MAX_CONDITIONS} conditions. In a list of days or words, "
                "each counts."
            )
            raise FilterError("too_many_conditions", message, token.start, token.end)
        self._advance(kind)
        node = conditions[0] if len(conditions) == 1 else AnyOf(conditions)
        return Not(node) if is_negated(token) else node

    def _is_at(self, *kinds: TokenKind) -> bool:
        """Return whether the next token is of one of these kinds."""
        return self._token.kind in kinds

    def _descend(self, kind: str) -> None:
        """Go to the next token, one level deeper."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            message = f'A filter has at most {MAX_DEPTH} levels of parentheses and "not".'
            raise FilterError("too_deep", message, self._token.start, self._token.end)
        self._advance(kind)

    def _advance(self, kind: str) -> None:
        """Record the span of the current token and go to the next one."""
        self._spans.append(Span(kind, self._token.start, self._token.end))
        self._token = read_token(self._text, self._token.end)

    def _advise_quotes(self) -> str:
        """Return advice if ``&`` or ``|`` before the token may belong to a name, as in ``#R&D``."""
        before = self._text[: self._token.start].rstrip(WHITE_SPACE)
        symbol = before[-1:] if before[-1:] in ("&", "|") else ""
        return f" If {symbol} belongs to a name, put the name in quotation marks." if symbol else ""

    def _make_unexpected_token(self, advice: str) -> FilterError:
        token = self._token
        message = f'Unexpected "{self._text[token.start : token.end]}". {advice}'
        expected = ("and", "or") if token.kind == "close" and self._spans else _EXPECTED_OPERANDS
        return FilterError("unexpected_token", message, token.start, token.end, expected=expected)
