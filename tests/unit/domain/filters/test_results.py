"""The vectors of the evaluation of filters, which the web app runs too."""

import pytest

from tests.harness.filter_vectors import DATA, make_vectors


@pytest.mark.parametrize("name", ["filter-tasks.jsonl", "filter-results.jsonl"])
def test_vectors_are_those_of_the_oracle(name: str) -> None:
    assert (DATA / name).read_text(encoding="utf-8") == make_vectors()[name]
