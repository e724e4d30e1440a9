"""Random trees of filters."""

from hypothesis import strategies as st

from taskstead.domain.filters.conditions import HAS_WORDS, IS_WORDS, STATUSES
from taskstead.domain.filters.nodes import (
    AllOf,
    AnyOf,
    DateCondition,
    FlagCondition,
    Moment,
    NameCondition,
    Node,
    Not,
    NumberCondition,
    TextCondition,
)

PERIODS = st.builds(Moment, st.sampled_from(["week", "month"]), st.integers(-1, 1))
DAYS = st.one_of(
    st.builds(Moment, st.sampled_from(["hours", "days", "months"]), st.integers(-9999, 9999)),
    st.builds(Moment, st.just("weekday"), st.integers(0, 6)),
    st.dates().map(lambda day: Moment("fixed", text=day.isoformat())),
    st.datetimes().map(lambda time: Moment("fixed", text=time.isoformat())),
)
MOMENTS = st.one_of(DAYS, PERIODS)
DATE_FIELDS = st.sampled_from(["due", "created", "updated", "completed"])
NAMES = st.text(min_size=1, max_size=8)

DATES = st.one_of(
    st.builds(
        DateCondition,
        DATE_FIELDS,
        st.sampled_from(["=", "<=", ">="]),
        st.tuples(MOMENTS),
    ),
    st.builds(DateCondition, DATE_FIELDS, st.sampled_from(["<", ">"]), st.tuples(DAYS)),
    st.builds(DateCondition, DATE_FIELDS, st.just("between"), st.tuples(MOMENTS, MOMENTS)),
)
NUMBERS = st.one_of(
    st.builds(
        NumberCondition,
        st.just("priority"),
        st.just("="),
        st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple),
    ),
    st.builds(
        NumberCondition,
        st.just("number"),
        st.sampled_from(["<", "<=", ">", ">="]),
        st.tuples(st.integers(1, 10**18 - 1)),
    ),
    st.builds(
        NumberCondition,
        st.just("number"),
        st.just("between"),
        st.tuples(st.integers(1, 100), st.integers(1, 100)),
    ),
)
VALUES = st.one_of(
    st.builds(
        NameCondition,
        st.sampled_from(["category", "tag"]),
        st.lists(NAMES, min_size=1, max_size=3).map(tuple),
    ),
    st.builds(
        NameCondition,
        st.just("status"),
        st.lists(st.sampled_from(STATUSES), min_size=1, max_size=3).map(tuple),
    ),
    st.builds(NameCondition, st.just("parent"), st.tuples(st.integers(1, 10**18 - 1).map(str))),
)
TEXTS = st.one_of(
    st.builds(TextCondition, st.sampled_from(["text", "title", "description"]), NAMES),
    st.builds(
        TextCondition,
        st.sampled_from(["text", "title", "description"]),
        st.text("abcäöü", min_size=1, max_size=8),
        st.just(True),  # noqa: FBT003 - is_prefix
    ),
)
FLAGS = st.one_of(
    st.builds(FlagCondition, st.just("is"), st.sampled_from(IS_WORDS)),
    st.builds(FlagCondition, st.just("has"), st.sampled_from(HAS_WORDS)),
)
CONDITIONS: st.SearchStrategy[Node] = st.one_of(DATES, NUMBERS, VALUES, TEXTS, FLAGS)


def _extend(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    parts = st.lists(nodes, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(AllOf, parts), st.builds(AnyOf, parts), st.builds(Not, nodes))


TREES: st.SearchStrategy[Node] = st.recursive(CONDITIONS, _extend, max_leaves=6)
