"""docs/reference/settings.md is up to date with the settings."""

from scripts.settings_page import PAGE, render_settings_page


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_settings_page(), (
        "run `python -m scripts.settings_page`"
    )
