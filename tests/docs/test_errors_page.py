"""docs/reference/errors.md is up to date with the error classes."""

from scripts.errors_page import PAGE, render_errors_page


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_errors_page(), (
        "run `python -m scripts.errors_page`"
    )
