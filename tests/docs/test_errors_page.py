"""docs/errors.md tells all errors, and only those."""

from scripts.errors_page import PAGE, render_errors_page


def test_the_page_is_in_step_with_the_classes() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_errors_page(), (
        "run `python -m scripts.errors_page`"
    )
