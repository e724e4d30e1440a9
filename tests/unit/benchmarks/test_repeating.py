"""Figures of the benchmark of completions."""

from benchmarks.repeating import build_figures


def test_ratio_is_the_median_of_neighbouring_blocks() -> None:
    figures = build_figures("sqlite", [100.0, 200.0, 400.0], [150.0, 400.0, 480.0])
    assert [figure.value for figure in figures] == ["200 µs", "400 µs (1.50 of plain)"]
