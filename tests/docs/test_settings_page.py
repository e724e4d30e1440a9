"""docs/settings.md tells all settings, and only those."""

from scripts.settings_page import PAGE, render_settings_page


def test_the_page_is_in_step_with_the_settings() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_settings_page(), (
        "run `python -m scripts.settings_page`"
    )
