"""Each page: accessibility, both themes, width, plain HTTP, security headers and sizes."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.web import BUILD, MODULES
from tests.browser.conftest import Faults
from tests.browser.stories import add_task, get_row, sign_up
from tests.harness.commands import Server

PAGES = ["/today", "/inbox", "/upcoming", "/board", "/search", "/trash", "/t/1"]
AXE = MODULES / "axe-core/axe.min.js"
# Widths in pixels: the smallest that WCAG 2.2 asks for, phones, a tablet and a desktop.
WIDTHS = [320, 360, 390, 768, 1440]
FIRST_LOAD_BYTES = 90_000
PART_BYTES = 40_000
ALL_BYTES = 250_000


@pytest.fixture
def filled_page(page: Page) -> Page:
    """A page of a person with some tasks."""
    sign_up(page)
    for text in ("Call the dentist today 9am @phone #Household p1", "Read p5", "Rent every month"):
        add_task(page, text)
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_page_has_no_accessibility_violation(path: str, theme: str, filled_page: Page) -> None:
    filled_page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    filled_page.goto(path)
    expect(filled_page.get_by_role("heading").first).to_be_visible()
    filled_page.evaluate(AXE.read_text("utf-8"))
    result = filled_page.evaluate(
        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
    )
    assert [
        (violation["id"], violation["nodes"][0]["html"]) for violation in result["violations"]
    ] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_sign_up_has_no_accessibility_violation(theme: str, page: Page) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto("/")
    expect(page.get_by_role("heading").first).to_be_visible()
    page.evaluate(AXE.read_text("utf-8"))
    result = page.evaluate("axe.run()")
    assert [violation["id"] for violation in result["violations"]] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(width: int, filled_page: Page) -> None:
    filled_page.set_viewport_size({"width": width, "height": 800})
    for path in PAGES:
        filled_page.goto(path)
        expect(filled_page.get_by_role("heading").first).to_be_visible()
        wide = filled_page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, path


def test_app_works_over_plain_http(browser: Browser, server: Server, faults: Faults) -> None:
    """A name that is not localhost is no secure context: no worker, no locks, no randomUUID."""
    url = f"http://taskstead.test:{server.port}"
    context = browser.new_context(base_url=url, locale="en-GB", timezone_id="Europe/Berlin")
    faults.watch(context, url)
    # The server sends the header in any case, and browsers ignore it over plain HTTP.
    faults.expected.append("The Cross-Origin-Opener-Policy header has been ignored")
    page = context.new_page()
    page.goto("/")
    assert page.evaluate("isSecureContext") is False
    sign_up(page)
    add_task(page, "Buy oat milk today")
    page.reload()
    expect(get_row(page, "Buy oat milk")).to_be_visible()
    context.close()


def test_first_load_is_small() -> None:
    """The page, its scripts and styles, and the texts in English, all in their Brotli form."""
    page = (BUILD / "index.html").read_text("utf-8")
    names = set(re.findall(r'(?:src|href)="/(assets/[^"]+)"', page))
    names |= {"index.html", *(f"assets/{path.name}" for path in (BUILD / "assets").glob("en-*.js"))}
    assert sum(get_transferred_bytes(BUILD / name) for name in names) <= FIRST_LOAD_BYTES


def get_transferred_bytes(path: Path) -> int:
    """Return the size of the Brotli form of a file; the smallest files have none."""
    compressed = path.with_name(f"{path.name}.br")
    return (compressed if compressed.exists() else path).stat().st_size


def test_parts_of_the_build_are_small() -> None:
    entry = max((BUILD / "assets").glob("index-*.js.br"), key=lambda path: path.stat().st_size)
    sizes = {path.name: path.stat().st_size for path in BUILD.rglob("*.br")}
    assert sum(sizes.values()) <= ALL_BYTES
    del sizes[entry.name]
    assert max(sizes.values()) <= PART_BYTES
