"""The first page of an empty server."""

from playwright.sync_api import Page, expect


def test_start_page_shows_the_app(page: Page) -> None:
    page.goto("/")
    expect(page.locator("#app")).not_to_be_empty()
