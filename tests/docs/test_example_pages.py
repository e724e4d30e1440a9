"""Guides that show a file of examples/ show its current text."""

from scripts.example_pages import PAGES, render_page


def test_pages_are_up_to_date() -> None:
    texts = [page.read_text(encoding="utf-8") for page in sorted(PAGES.glob("*.md"))]
    assert [text for text in texts if render_page(text) != text] == [], (
        "run `python -m scripts.example_pages`"
    )
    assert any("<!-- examples/sync_client.py -->" in text for text in texts)
